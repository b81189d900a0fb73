"""Managers keep the accounts of staff of their estates, within their own rights; each keeps the own password."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import OWN_PASSWORD
from community.core.models import AuditRecord
from community.estates.models import Estate
from services.help.models import DutyShift
from services.repairs.models import Repair
from tests import factories as make
from tests.community.admin_pages import signed_in
from tests.support.second_factor import app_code, give_code, give_password, set_up_app

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
NEW = "sunny-river-42"
LINK = re.compile(r"<code>https?://testserver(/staff/first/[^<]+)</code>")


@pytest.fixture
def estate() -> Estate:
    return make.make_estate()


@pytest.fixture
def manager(estate) -> User:
    return make.make_staff(role=Role.MANAGER, estate=estate)


def chinese(user: User | None = None) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    return signed_in(user, client) if user else client


def given(estate: Estate, **changes: object) -> dict[str, object]:
    fields = {"name": "周伟", "username": "zhou.wei", "phone": "", "estate": estate.pk}
    return fields | {"roles": [Role.REPAIR_WORKER]} | changes


def test_make_account__first_password__by_a_link_that_works_once(estate, manager) -> None:
    client = chinese(manager)
    shown = client.post(reverse("desk_staff_new"), given(estate), follow=True)
    link = LINK.search(shown.content.decode())[1]
    person = User.objects.get(username="zhou.wei")
    assert [(one.estate, one.role) for one in person.staff_roles.all()] == [(estate, Role.REPAIR_WORKER)]
    assert not (person.has_usable_password())
    assert not (person.is_staff)
    assert not (person.is_superuser)
    assert LINK.search(client.get(reverse("desk_staff_one", args=[person.pk])).content.decode()) is None
    weak = chinese().post(link, {"password": "1234567890", "again": "1234567890"})
    assert "密码" in weak.content.decode()
    assert weak.status_code == 200
    chinese().post(link, {"password": NEW, "again": NEW})
    assert chinese().get(link).status_code == 404
    into = chinese()
    set_up_app(person)
    give_password(into, "zhou.wei", NEW)
    assert give_code(into, app_code(person)).url == "/work/"
    actions_of = AuditRecord.objects.filter(target=f"accounts.user:{person.pk}").values_list(
        "action", flat=True
    )
    assert {"staff_account_made", "staff_role_given", "password_changed"} <= set(actions_of)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "Zhang Wei"}, "请用小写字母"),
        ({"username": "taken"}, "这个登录名已有人使用"),
        ({"roles": []}, "必填"),
        ({"roles": [Role.AUDITOR]}, "选择"),
    ],
)
def test_make_account__what_is_wrong__is_said_and_nothing_is_made(estate, manager, changes, said) -> None:
    make.make_user(username="taken")
    page = chinese(manager).post(reverse("desk_staff_new"), given(estate, **changes))
    assert said in page.content.decode()
    assert not User.objects.named("周伟").exists()


def test_make_account__number_of_a_resident__is_refused(estate, manager) -> None:
    """Whoever makes the account makes its link: it must not open the resident's own account."""
    resident = make.make_resident()
    page = chinese(manager).post(reverse("desk_staff_new"), given(estate, phone=resident.phone_national))
    assert "号码" in page.content.decode()
    resident.refresh_from_db()
    assert resident.username is None


def test_make_account__in_another_estate_or_above_ones_rights__refused(estate, manager) -> None:
    other = make.make_estate()
    assert chinese(manager).post(reverse("desk_staff_new"), given(other)).status_code == 200
    new = actions.NewStaff("zhou.wei", "周伟")
    fields = {"by": manager, "now": clock.now()}
    for wrong in ({"estate": other, "roles": [Role.CASHIER]}, {"estate": estate, "roles": [Role.AUDITOR]}):
        with pytest.raises(Forbidden):
            actions.make_account(new, **fields | wrong)
        User.objects.filter(username="zhou.wei").delete()
    desk = make.make_staff(role=Role.FRONT_DESK, estate=estate)
    with pytest.raises(Forbidden):
        actions.make_account(new, estate=estate, roles=[Role.FRONT_DESK], **fields | {"by": desk})


def test_accounts_above_or_elsewhere__are_not_a_managers_to_end(estate, manager) -> None:
    auditor = make.make_staff(role=Role.AUDITOR, estate=estate)
    elsewhere = make.make_staff(role=Role.CASHIER, estate=estate)
    StaffRole.objects.create(user=elsewhere, estate=make.make_estate(), role=Role.CASHIER)
    superuser = make.make_staff(role=Role.CASHIER, estate=estate, is_superuser=True)
    for person in (auditor, elsewhere, superuser, manager):
        for act in (actions.end_account, actions.renew_access):
            with pytest.raises(Forbidden):
                act(person=person, by=manager, now=clock.now())
        assert person.staff_roles.exists()


def test_roles__given_and_taken__on_record_and_the_last_stays(estate, manager) -> None:
    person = make.make_staff(role=Role.CASHIER, estate=estate)
    client, page = chinese(manager), [person.pk]
    given = {"role": Role.FRONT_DESK, "estate": estate.pk}
    client.post(reverse("desk_staff_give_role", args=page), given)
    cashier = person.staff_roles.get(role=Role.CASHIER)
    client.post(reverse("desk_staff_end_role", args=[*page, cashier.pk]))
    last = person.staff_roles.get()
    assert last.role == Role.FRONT_DESK
    said = client.post(reverse("desk_staff_end_role", args=[*page, last.pk]), follow=True)
    assert "这是对方最后一个岗位" in said.content.decode()
    assert person.staff_roles.exists()
    found = AuditRecord.objects.filter(action__startswith="staff_role_").values_list("action", flat=True)
    assert sorted(found) == ["staff_role_ended", "staff_role_given"]


def test_end_account__sign_ins_tokens_and_password_end_and_work_is_handed_over(estate, manager) -> None:
    home = make.make_home(estate=estate)
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=estate)
    heir = make.make_staff(role=Role.REPAIR_WORKER, estate=estate, name="赵磊")
    job = make.make_repair(home=home, status=Repair.Status.ASSIGNED, worker=worker)
    shift = make.make_shift(estate=estate, user=worker)
    session = chinese(worker)
    assert session.get("/work/").status_code == 200
    actions.make_token(user=worker, name="脚本", scopes=["work"], days=30, now=clock.now())
    client, address = chinese(manager), reverse("desk_staff_end", args=[worker.pk])
    shown = client.get(address).content.decode()
    assert job.reference in shown
    assert f"{shift.starts}:00" in shown
    assert "请选择报修单交给谁" in client.post(address, {}).content.decode()
    assert worker.staff_roles.exists()
    client.post(address, {"jobs_to": heir.pk, "shifts_to": heir.pk})
    job.refresh_from_db()
    assert job.worker == heir
    assert DutyShift.objects.get().user == heir
    worker.refresh_from_db()
    assert not (worker.staff_roles.exists())
    assert not (worker.has_usable_password())
    assert not worker.api_tokens.filter(revoked_at=None).exists()
    assert session.get("/work/").status_code == 302
    assert AuditRecord.objects.get(action="staff_account_ended").actor == manager


def test_end_account__work_that_has_begun__is_finished_first(estate, manager) -> None:
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=estate)
    job = make.make_repair(home=make.make_home(estate=estate), status=Repair.Status.QUOTED, worker=worker)
    page = chinese(manager).post(reverse("desk_staff_end", args=[worker.pk]), {})
    assert f"{job.reference} 已经开工" in page.content.decode()
    assert worker.staff_roles.exists()


def test_end_account__visit_under_way__is_finished_first(estate, manager) -> None:
    visit = make.make_care_booking(status="under_way", estate=estate)
    page = chinese(manager).post(reverse("desk_staff_end", args=[visit.carer.pk]), {})
    assert f"{visit.reference} 已经开工" in page.content.decode()
    assert visit.carer.staff_roles.exists()


def test_end_account__duty_of_nobody__becomes_a_gap(estate, manager) -> None:
    cashier = make.make_staff(role=Role.CASHIER, estate=estate)
    make.make_shift(estate=estate, user=cashier)
    chinese(manager).post(reverse("desk_staff_end", args=[cashier.pk]), {})
    assert not DutyShift.objects.exists()
    assert not cashier.staff_roles.exists()


def test_new_link__ends_the_old_password_and_older_links(estate, manager) -> None:
    person = make.make_staff(role=Role.CASHIER, estate=estate)
    client, address = chinese(manager), reverse("desk_staff_renew", args=[person.pk])
    links = [LINK.search(client.post(address, follow=True).content.decode())[1] for _time in range(2)]
    person.refresh_from_db()
    assert not person.check_password(make.PASSWORD)
    assert [chinese().get(link).status_code for link in links] == [404, 200]


def test_own_password__old_one_asked__and_other_sign_ins_end(estate) -> None:
    person = make.make_staff(role=Role.CASHIER, estate=estate)
    here, elsewhere = chinese(person), chinese(person)
    address = reverse("staff_password")
    assert f'href="{address}"' in here.get("/staff/").content.decode()
    typed = {"old": make.PASSWORD, "password": NEW, "again": NEW}
    for wrong, said in (
        ({"old": "wrong-one"}, "原密码不对"),
        ({"again": "other"}, "两次输入不一致"),
        ({"password": "short", "again": "short"}, "密码"),
    ):
        assert said in here.post(address, typed | wrong).content.decode()
    person.refresh_from_db()
    assert person.check_password(make.PASSWORD)
    here.post(address, typed)
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert here.get("/staff/").status_code == 200
    assert elsewhere.get("/staff/").status_code == 302


def test_own_password__guessed_too_often__is_locked_for_a_while(estate) -> None:
    client = chinese(make.make_staff(role=Role.CASHIER, estate=estate))
    typed = {"old": "wrong-one", "password": NEW, "again": NEW}
    for _time in range(OWN_PASSWORD.amount):
        assert client.post(reverse("staff_password"), typed).status_code == 200
    answer = client.post(reverse("staff_password"), typed | {"old": make.PASSWORD})
    assert answer.status_code == 429


def test_own_password__resident__has_none(client) -> None:
    client.force_login(make.make_resident())
    assert client.get(reverse("staff_password")).status_code == 403


def test_choose_password__too_weak__says_why() -> None:
    with pytest.raises(ActionError, match="password_refused"):
        actions.choose_password(user=make.make_user(), password="password12")
