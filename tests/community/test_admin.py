"""The back office: who gets in, who sees and changes what, and what a browser may do there."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import RosterEntry, StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Building, Estate, Home, PublicPlace, WorkingHours
from community.notifications.models import OutboxMessage
from services.common.models import Alarm, Satisfaction
from services.repairs.models import Repair, RepairCategory
from tests import factories as make
from tests.community.admin_pages import list_of, no_rows, page_of, signed_in
from tests.support.lean import LeanClient

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
    client = signed_in(user, LeanClient())
    assert client.get("/admin/").status_code == 200
    for model in admin.site._registry:
        may = user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        assert client.get(list_of(model)).status_code == (200 if may else 403), model


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
        make.make_help_call(home=home, resident=resident),
        make.make_notice(estate=home.estate),
    ]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FRONT_DESK, Role.DISPATCHER, Role.AUDITOR])
def test_back_office__rows_of_another_estate__are_not_there(estate: Estate, role: str) -> None:
    client = signed_in(make.make_staff(role=role, estate=estate))
    request = client.get("/admin/").wsgi_request
    for row in _one_of_each():
        model = type(row)
        if not admin.site._registry[model].has_view_permission(request):
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
    posted = {"estate": other.pk, "name": "9号楼", "position": 0, "floors": 6, **no_rows("entrances")}
    signed_in(manager).post(reverse("admin:estates_building_add"), posted)
    assert not Building.objects.filter(name="9号楼").exists()


def test_back_office__manager_writes__is_on_record(estate: Estate, manager: User) -> None:
    posted = {"estate": estate.pk, "name": "9号楼", "position": 0, "floors": 6, **no_rows("entrances")}
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
    posted = {"estate": other.pk, "name": "x", "position": 0, "floors": 6, **no_rows("entrances")}
    assert client.post(page_of(there), posted).status_code == 403
    assert client.post(page_of(here), {**posted, "estate": estate.pk}).status_code == 302


def test_working_hours__are_entered_below_their_estate(estate: Estate, manager: User) -> None:
    posted = {
        "name": estate.name,
        "code": estate.code,
        "desk_phone": "1",
        "emergency_phone": "2",
        **no_rows("working_hours"),
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
    page.goto(page_of(estate))
    page.goto(page_of(repair))
    page.get_by_text("派单", exact=False).first.click()
    page.locator("#dialog select").select_option(label="张师傅")
    page.locator("#dialog button[type=submit]").click()
    page.wait_for_load_state()
    page.get_by_text("完成").first.wait_for()
    repair.refresh_from_db()
    assert repair.worker == worker
