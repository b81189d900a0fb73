"""The back office: who sees what, what is found, what buttons do, and what a browser may do there."""

import re
from io import BytesIO

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Residency, RosterEntry, StaffRole, User
from community.core import clock
from community.core.exports import harmless
from community.core.models import AuditRecord
from community.estates.models import Building, Entrance, Estate, Home, PublicPlace, WorkingHours
from community.notifications.models import OutboxMessage
from services.common.models import Alarm, Satisfaction
from services.repairs.models import Repair, RepairCategory
from tests import factories as make

Role = StaffRole.Role
OFFICE = [
    Role.MANAGER,
    Role.DISPATCHER,
    Role.FRONT_DESK,
    Role.CASHIER,
    Role.CARE_COORDINATOR,
    Role.RENOVATION_COORDINATOR,
    Role.AUDITOR,
]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def list_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def verb_of(repair: Repair, verb: str) -> str:
    return reverse(f"admin:repairs_repair_{verb}", args=[repair.pk])


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate(name="幸福里")


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=Role.MANAGER, estate=estate)


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root", "a long root password", name="系统管理员")


def test_back_office__signed_out__leads_to_the_staff_sign_in(db: None) -> None:
    answer = Client().get("/admin/", follow=False)
    assert answer.status_code == 302
    final = Client().get("/admin/", follow=True)
    assert final.redirect_chain[-1][0].startswith("/staff/sign-in/?next=")


def test_back_office__resident_or_worker__is_refused(estate: Estate) -> None:
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=estate)
    for user in (make.make_resident(), worker):
        assert signed_in(user).get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("role", OFFICE)
def test_back_office__every_list_that_a_role_has__opens(estate: Estate, role: str) -> None:
    user = make.make_staff(role=role, estate=estate)
    client = signed_in(user)
    assert client.get("/admin/").status_code == 200
    for model in admin.site._registry:
        may = user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        assert client.get(list_of(model)).status_code == (200 if may else 403), model


def test_back_office__superuser__opens_every_list_and_every_form(superuser: User) -> None:
    client = signed_in(superuser)
    rows = _one_of_each()
    for model in admin.site._registry:
        assert client.get(list_of(model)).status_code == 200, model
        add = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
        assert client.get(add).status_code in (200, 403), model
        for row in [row for row in rows if isinstance(row, model)]:
            assert client.get(page_of(row)).status_code == 200, model


def _one_of_each() -> list:
    now = clock.now()
    home = make.make_home()
    resident = make.make_resident(home=home)
    repair = make.make_repair(home=home, resident=resident)
    staff = make.make_staff(role=Role.MANAGER, estate=home.estate)
    alarm = Alarm.objects.create(
        estate=home.estate, title="水管爆裂", place="1号楼", url="/", raised_by=resident, raised_at=now
    )
    face = Satisfaction.objects.create(
        estate=home.estate, service="repairs", reference="R-1", face=3, given_by=resident, at=now
    )
    message = OutboxMessage.objects.create(
        key="k", channel="sms", recipient=resident, template="repair_done", next_try_at=now, created_at=now
    )
    return [
        *(home.estate, home.entrance.building, home, repair, resident, staff, alarm, face, message),
        *(make.make_roster_entry(home=home), make.make_place(estate=home.estate), resident.residencies.get()),
        *(make.make_delegation(), repair.category),
    ]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FRONT_DESK, Role.DISPATCHER, Role.AUDITOR])
def test_back_office__rows_of_another_estate__are_not_there(estate: Estate, role: str) -> None:
    client = signed_in(make.make_staff(role=role, estate=estate))
    for row in _one_of_each():
        model = type(row)
        if not admin.site._registry[model].has_view_permission(client.get("/admin/").wsgi_request):
            continue
        answer = client.get(page_of(row))
        assert answer.status_code == 302, model  # Django says that it is perhaps deleted
        assert str(row.pk) not in [
            str(result.pk) for result in client.get(list_of(model)).context["cl"].result_list
        ], model


def test_back_office__manager__cannot_choose_what_is_not_theirs(estate: Estate, manager: User) -> None:
    other = make.make_estate()
    page = signed_in(manager).get(reverse("admin:estates_building_add"))
    assert list(page.context["adminform"].form.fields["estate"].queryset) == [estate]
    posted = {"estate": other.pk, "name": "9号楼", "position": 0, "floors": 6, **_no_rows("entrances")}
    signed_in(manager).post(reverse("admin:estates_building_add"), posted)
    assert not Building.objects.filter(name="9号楼").exists()


def _no_rows(prefix: str) -> dict[str, str]:
    return {f"{prefix}-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS")}


def test_back_office__manager_writes__is_on_record(estate: Estate, manager: User) -> None:
    posted = {"estate": estate.pk, "name": "9号楼", "position": 0, "floors": 6, **_no_rows("entrances")}
    signed_in(manager).post(reverse("admin:estates_building_add"), posted)
    building = Building.objects.get(name="9号楼")
    record = AuditRecord.objects.get(action="office.added")
    assert (record.actor, record.target) == (manager, f"estates.building:{building.pk}")


def test_back_office__auditor__changes_nothing(estate: Estate) -> None:
    client = signed_in(make.make_staff(role=Role.AUDITOR, estate=estate))
    building = make.make_building(estate=estate, name="1号楼")
    answer = client.post(page_of(building), {"name": "changed", "estate": estate.pk})
    assert answer.status_code == 403
    building.refresh_from_db()
    assert building.name == "1号楼"


def test_back_office__role_in_two_estates__rights_are_those_of_the_row(estate: Estate, manager: User) -> None:
    """Manager here, auditor there: there nothing can be changed."""
    other = make.make_estate()
    StaffRole.objects.create(user=manager, estate=other, role=Role.AUDITOR)
    here, there = make.make_building(estate=estate), make.make_building(estate=other)
    client = signed_in(manager)
    assert client.get(page_of(there)).status_code == 200
    posted = {"estate": other.pk, "name": "x", "position": 0, "floors": 6, **_no_rows("entrances")}
    assert client.post(page_of(there), posted).status_code == 403
    assert client.post(page_of(here), {**posted, "estate": estate.pk}).status_code == 302


# -- Finding


@pytest.mark.parametrize("typed", ["13912345678", "139 1234 5678", "+8613912345678"])
def test_search__by_a_whole_mobile_number__finds_the_repair(
    estate: Estate, manager: User, typed: str
) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home, phone="+8613912345678"))
    make.make_repair(home=home, resident=make.make_resident(home=home))
    found = signed_in(manager).get(list_of(Repair), {"q": typed}).context["cl"].result_list
    assert list(found) == [repair]


def test_search__by_name_home_and_reference__finds_the_repair(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate, number="501")
    repair = make.make_repair(home=home, resident=make.make_resident(home=home, name="欧阳喆"))
    other = make.make_home(estate=estate, number="777")
    make.make_repair(home=other, resident=make.make_resident(home=other, name="李四"))
    client = signed_in(manager)
    for typed in ("欧阳", repair.reference, f"{home.entrance.building} 501"):
        assert repair in client.get(list_of(Repair), {"q": typed}).context["cl"].result_list, typed
    assert list(client.get(list_of(Repair), {"q": "欧阳"}).context["cl"].result_list) == [repair]


def test_repair_list__filters_by_state(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    make.make_repair(home=home, resident=make.make_resident(home=home))
    client = signed_in(manager)
    assert len(client.get(list_of(Repair), {"status__exact": "new"}).context["cl"].result_list) == 1
    assert len(client.get(list_of(Repair), {"status__exact": "done"}).context["cl"].result_list) == 0


def test_repair_list__every_state__is_said_in_words(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    for status in Repair.Status:
        make.make_repair(home=home, status=status)
    page = signed_in(manager).get(list_of(Repair)).content.decode()
    assert "已受理" in page
    assert not re.search(r">\s*(accepted|in_work|waiting_for_parts)\s*<", page)


# -- Verbs


def test_repair__its_state__is_no_field_of_a_form(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    assert signed_in(manager).post(page_of(repair), {"status": "closed"}).status_code == 403
    repair.refresh_from_db()
    assert repair.status == "new"


def test_repair__assign_button__moves_it_through_the_action(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=estate, name="张师傅")
    client = signed_in(manager)
    assert "张师傅" in client.get(verb_of(repair, "assign_repair")).content.decode()
    answer = client.post(verb_of(repair, "assign_repair"), {"worker": worker.pk, "_form_submitted": "on"})
    assert answer["HX-Redirect"] == page_of(repair)
    repair.refresh_from_db()
    assert (repair.status, repair.worker) == ("assigned", worker)
    assert repair.history.last().actor == manager


def test_repair__illegal_move__says_why_and_changes_nothing(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home), status="cancelled")
    client = signed_in(manager)
    answer = client.post(verb_of(repair, "accept_repair"), {"_form_submitted": "on"}, follow=False)
    assert answer.status_code == 200
    shown = client.get(page_of(repair))
    assert [str(message) for message in shown.context["messages"]]
    repair.refresh_from_db()
    assert repair.status == "cancelled"


def test_repair__verbs_are_taken_by_post_only(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    signed_in(manager).get(verb_of(repair, "accept_repair"))
    repair.refresh_from_db()
    assert repair.status == "new"


def test_repair__strangers_verb__is_not_there(estate: Estate, manager: User) -> None:
    home = make.make_home()
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    for send in (signed_in(manager).get, signed_in(manager).post):
        assert send(verb_of(repair, "accept_repair")).status_code == 404


def test_residency__approve_button__confirms_the_person(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    asked = make.make_residency(user=make.make_user(), home=home, status=Residency.Status.REQUESTED)
    url = reverse("admin:accounts_residency_approve_residency", args=[asked.pk])
    signed_in(manager).post(url, {"_form_submitted": "on"})
    asked.refresh_from_db()
    assert asked.status == Residency.Status.ACTIVE


def test_outbox__failed_message__is_sent_again_by_the_manager(estate: Estate, manager: User) -> None:
    now = clock.now()
    message = OutboxMessage.objects.create(
        key="k",
        channel="sms",
        recipient=make.make_resident(home=make.make_home(estate=estate)),
        template="repair_done",
        params={"reference": "R-1", "what": "漏水", "worker": "", "fen": 0},
        status="failed",
        next_try_at=now,
        created_at=now,
    )
    url = reverse("admin:notifications_outboxmessage_send_again", args=[message.pk])
    signed_in(manager).post(url, {"_form_submitted": "on"})
    message.refresh_from_db()
    assert message.status != "failed"


def test_audit_record__is_read_only_for_the_superuser_too(superuser: User) -> None:
    client = signed_in(superuser)
    AuditRecord.objects.create(action="test", outcome="ok", at=clock.now())
    record = AuditRecord.objects.get(action="test")
    assert client.get(page_of(record)).status_code == 200
    assert client.post(page_of(record), {"action": "forged"}).status_code == 403
    assert client.post(page_of(record) + "../delete/").status_code in (403, 404)


# -- Excel


def test_export__repairs__has_the_rows_of_ones_estates_and_is_on_record(
    estate: Estate, manager: User
) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home), description="=1+1")
    other = make.make_home()
    make.make_repair(home=other, resident=make.make_resident(home=other))
    answer = signed_in(manager).get(reverse("admin:repairs_repair_export"))
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.values)
    assert len(rows) == 2
    assert repair.reference in rows[1]
    assert "'=1+1" in rows[1]
    assert AuditRecord.objects.get(action="export.repairs.repair").detail["rows"] == 1


def test_export__without_the_right__is_refused(estate: Estate) -> None:
    client = signed_in(make.make_staff(role=Role.FRONT_DESK, estate=estate))
    assert client.get(reverse("admin:repairs_repair_export")).status_code == 403


@pytest.mark.parametrize("evil", ["=cmd()", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_export__text_like_a_formula__is_defused(evil: str) -> None:
    assert harmless(evil) == f"'{evil}"
    assert harmless("一般的话") == "一般的话"


# -- Cost


@pytest.mark.parametrize("model", [Repair, Home, RosterEntry, Residency, User])
def test_lists__queries__are_the_same_with_10_and_with_1000_rows(
    estate: Estate, manager: User, model, django_assert_max_num_queries
) -> None:
    client, entrance, counts = signed_in(manager), make.make_home(estate=estate).entrance, []
    for rows in (10, 990):
        fill(rows, entrance)
        with django_assert_max_num_queries(60) as asked:
            client.get(list_of(model))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def fill(count: int, entrance: Entrance) -> None:
    """So many homes, each with its resident, roster entry and repair."""
    now, begun = clock.now(), Home.objects.count()
    category = make.make_category(estate=entrance.building.estate)
    homes = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"N{begun + n}", floor=1, area_dm2=5000) for n in range(count)
    )
    people = User.objects.bulk_create(User(name="住户", phone=make.next_phone()) for _home in homes)
    pairs = list(zip(homes, people, strict=True))
    RosterEntry.objects.bulk_create(RosterEntry(home=h, name=p.name, phone=p.phone) for h, p in pairs)
    Residency.objects.bulk_create(
        Residency(user=p, home=h, kind="owner", status="active", created_at=now, status_changed_at=now)
        for h, p in pairs
    )
    Repair.objects.bulk_create(
        Repair(
            estate=category.estate,
            home=h,
            category=category,
            resident=p,
            reported_by=p,
            reference=f"R-{p.pk}",
            created_at=now,
            status_changed_at=now,
        )
        for h, p in pairs
    )


# -- In a browser


@pytest.mark.browser
def test_back_office__in_a_browser__works_under_its_policy(transactional_db: None, new_page) -> None:
    """No console error, which a breach of the policy would be, in lists, forms, filters and dialogs."""
    estate = make.make_estate()
    manager = make.make_staff(role=Role.MANAGER, estate=estate)
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=estate, name="张师傅")
    page = new_page(user=manager, size=(1280, 800))
    answer = page.goto("/admin/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    for model in (Repair, Home, RosterEntry, User, StaffRole, Building, PublicPlace, OutboxMessage):
        page.goto(list_of(model))
    page.goto("/admin/repairs/")
    page.goto(reverse("admin:accounts_rosterentry_add"))
    page.locator(".select2-selection").first.click()
    print("TROUBLES select2", len(page.troubles))
    page.goto(page_of(estate))
    print("TROUBLES estate", len(page.troubles))
    page.goto(page_of(repair))
    print("TROUBLES repair", len(page.troubles))
    page.get_by_text("派单", exact=False).first.click()
    page.locator("#dialog select").select_option(label="张师傅")
    page.locator("#dialog button[type=submit]").click()
    page.wait_for_load_state()
    page.get_by_text("完成").first.wait_for()
    repair.refresh_from_db()
    assert repair.worker == worker


def test_working_hours__are_entered_below_their_estate(estate: Estate, manager: User) -> None:
    posted = {
        "name": estate.name,
        "code": estate.code,
        "desk_phone": "1",
        "emergency_phone": "2",
        **_no_rows("working_hours"),
        "working_hours-TOTAL_FORMS": "1",
        "working_hours-0-weekday": "0",
        "working_hours-0-opens": "08:00",
        "working_hours-0-closes": "12:00",
    }
    assert signed_in(manager).post(page_of(estate), posted).status_code == 302
    assert WorkingHours.objects.get(estate=estate).weekday == 0


def test_catalogue__only_the_upper_level__can_have_rows_below(estate: Estate, manager: User) -> None:
    upper = make.make_category(estate=estate)
    make.make_category(parent=upper)
    page = signed_in(manager).get(reverse("admin:repairs_repaircategory_add"))
    assert list(page.context["adminform"].form.fields["parent"].queryset) == [upper]
    assert RepairCategory.objects.count() == 2
