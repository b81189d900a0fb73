"""The back office for somebody with roles in two estates, and what of it is on record."""

from io import BytesIO

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import modelform_factory
from django.test import Client, RequestFactory
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Administration, Residency, RosterEntry, StaffRole, User
from community.core import audit, clock
from community.core.models import AuditRecord
from community.estates.models import Building, Estate
from community.notifications import outbox
from community.notifications.models import OutboxMessage
from services.repairs.models import Repair
from tests import factories as make
from tests.community.admin_pages import list_of, no_rows, page_of, signed_in

Role = StaffRole.Role
PHONE = "+8613912345678"


@pytest.fixture
def here(db: None) -> Estate:
    return make.make_estate(name="幸福里")


@pytest.fixture
def there(db: None) -> Estate:
    return make.make_estate(name="和平里")


def staff_of_two(here: Estate, role: str, there: Estate, other_role: str) -> User:
    person = make.make_staff(role=role, estate=here)
    StaffRole.objects.create(user=person, estate=there, role=other_role)
    return person


def shown(client: Client, model) -> list:
    return list(client.get(list_of(model)).context["cl"].result_list)


# -- Rights of the row's estate


def test_add_role__manager_here_auditor_there__only_here(here: Estate, there: Estate) -> None:
    client = signed_in(staff_of_two(here, Role.MANAGER, there, Role.AUDITOR))
    colleague = make.make_staff(role=Role.CASHIER, estate=here)
    for estate in (here, there):
        posted = {"user": colleague.pk, "estate": estate.pk, "role": Role.FRONT_DESK}
        client.post(reverse("admin:accounts_staffrole_add"), posted)
    added = StaffRole.objects.filter(user=colleague, role=Role.FRONT_DESK)
    assert [role.estate for role in added] == [here]


def test_add_roster_entry__front_desk_here_cashier_there__only_here(here: Estate, there: Estate) -> None:
    client = signed_in(staff_of_two(here, Role.FRONT_DESK, there, Role.CASHIER))
    for estate in (here, there):
        posted = {"home": make.make_home(estate=estate).pk, "name": "王五", "phone": PHONE, "kind": "owner"}
        client.post(reverse("admin:accounts_rosterentry_add"), posted)
    assert [entry.home.estate for entry in RosterEntry.objects.all()] == [here]


def test_change__into_an_estate_without_the_right__is_refused(here: Estate, there: Estate) -> None:
    manager = staff_of_two(here, Role.MANAGER, there, Role.AUDITOR)
    building = make.make_building(estate=here)
    posted = {"estate": there.pk, "name": "x", "position": 0, "floors": 6, **no_rows("entrances")}
    assert signed_in(manager).post(page_of(building), posted).status_code == 200
    building.refresh_from_db()
    assert building.estate == here


def test_save__whatever_the_form_let_through__asks_the_stored_row(here: Estate, there: Estate) -> None:
    request = RequestFactory().post("/")
    request.user = staff_of_two(here, Role.MANAGER, there, Role.AUDITOR)
    form = modelform_factory(Building, fields=["name"])()
    with pytest.raises(PermissionDenied):
        admin.site._registry[Building].save_model(request, Building(estate=there, name="9号楼"), form, False)


def test_export__manager_here_front_desk_there__has_the_rows_from_here(here: Estate, there: Estate) -> None:
    manager = staff_of_two(here, Role.MANAGER, there, Role.FRONT_DESK)
    ours, theirs = (make.make_repair(home=make.make_home(estate=estate)) for estate in (here, there))
    client = signed_in(manager)
    assert set(shown(client, Repair)) == {ours, theirs}
    address = reverse("admin:repairs_repair_export")
    sheet = load_workbook(BytesIO(client.get(address, {"q": "R-26", "status__exact": "new"}).content)).active
    assert [row[1] for row in sheet.values][1:] == [ours.reference]
    record = AuditRecord.objects.get(action="export.repairs.repair")
    assert record.estate_id_number == here.pk
    assert record.detail == {"rows": 1, "filters": ["q", "status__exact"]}


def test_send_again__dispatcher_here_auditor_there__only_here(here: Estate, there: Estate) -> None:
    client = signed_in(staff_of_two(here, Role.DISPATCHER, there, Role.AUDITOR))
    statuses = []
    for estate in (here, there):
        message = OutboxMessage.objects.create(
            key=f"k{estate.pk}",
            channel="sms",
            recipient=make.make_resident(home=make.make_home(estate=estate)),
            template="repair_done",
            params={"reference": "R-1", "what": "漏水", "worker": "", "fen": 0},
            status="failed",
            next_try_at=clock.now(),
            created_at=clock.now(),
        )
        url = reverse("admin:notifications_outboxmessage_send_again", args=[message.pk])
        client.post(url, {"_form_submitted": "on"})
        message.refresh_from_db()
        statuses.append(message.status)
    assert statuses[0] != "failed"
    assert statuses[1] == "failed"


def test_outgoing_messages__of_who_lives_here_now_and_their_family__without_what_they_say(
    here: Estate, there: Estate
) -> None:
    lives = make.make_resident(home=make.make_home(estate=here))
    son = make.make_user()
    make.make_delegation(resident=lives, delegate=son)
    asked = make.make_resident(home=make.make_home(estate=there))
    declined = Residency.Status.DECLINED
    make.make_residency(user=asked, home=make.make_home(estate=here), status=declined)
    for person in (lives, son, asked, make.make_user()):
        params = {"reference": "R-77", "what": "漏水", "worker": "", "fen": 0}
        outbox.queue_message(
            person, "repair_done", key="k", params=params, url="/repairs/77/", now=clock.now()
        )
    manager = make.make_staff(role=Role.MANAGER, estate=here)
    client = signed_in(manager)
    found = {row.recipient: row for row in shown(client, OutboxMessage)}
    assert set(found) == {lives, son}
    page = client.get(page_of(found[son])).content.decode()
    assert "R-77" not in page
    assert "/repairs/77/" not in page


# -- Audit records


def test_audit_list__has_what_people_of_the_estate_did__and_nothing_else(here: Estate, there: Estate) -> None:
    auditor = make.make_staff(role=Role.AUDITOR, estate=here)
    worker, resident = make.make_staff(estate=here), make.make_resident(home=make.make_home(estate=here))
    stranger = make.make_staff(estate=there)
    for actor in (worker, resident, stranger):
        audit.record("sign_in", by=actor)
    audit.record("changed", by=stranger, estate_id=here.pk)
    audit.record("changed", by=worker, estate_id=there.pk)
    client = signed_in(auditor)
    seen = {(row.action, row.actor) for row in shown(client, AuditRecord) if row.actor != auditor}
    assert seen == {("sign_in", worker), ("sign_in", resident), ("changed", stranger)}
    assert client.get(page_of(AuditRecord.objects.get(actor=resident))).status_code == 200
    assert client.get(page_of(AuditRecord.objects.get(actor=stranger, action="sign_in"))).status_code == 302


def test_role__given_and_taken__is_on_record_with_whom_where_and_which(here: Estate) -> None:
    client = signed_in(make.make_staff(role=Role.MANAGER, estate=here))
    colleague = make.make_staff(role=Role.CASHIER, estate=here)
    posted = {"user": colleague.pk, "estate": here.pk, "role": Role.FRONT_DESK}
    client.post(reverse("admin:accounts_staffrole_add"), posted)
    given = StaffRole.objects.get(role=Role.FRONT_DESK)
    client.post(reverse("admin:accounts_staffrole_delete", args=[given.pk]), {"post": "yes"})
    record = AuditRecord.objects.get(action="office.deleted")
    assert record.estate_id_number == here.pk
    assert record.detail.items() >= posted.items()
    record = AuditRecord.objects.get(action="staff_role_given")
    assert (record.estate_id_number, record.detail) == (here.pk, {"role": Role.FRONT_DESK})


def test_role__taken_below_a_person__is_on_record_too(here: Estate) -> None:
    security = make.make_administrator(Administration.SECURITY)
    person = make.make_staff(role=Role.CASHIER, estate=here)
    posted = {
        "name": person.name,
        "phone": person.phone_national,
        "username": person.username,
        "is_active": "on",
        "language": "zh-hans",
        **no_rows("staff_roles"),
        "staff_roles-TOTAL_FORMS": "1",
        "staff_roles-INITIAL_FORMS": "1",
        "staff_roles-0-id": person.staff_roles.get().pk,
        "staff_roles-0-user": person.pk,
        "staff_roles-0-estate": here.pk,
        "staff_roles-0-role": Role.CASHIER,
        "staff_roles-0-DELETE": "on",
    }
    answer = signed_in(security).post(page_of(person), posted)
    assert answer.status_code == 302, answer.context["errors"]
    roles = {
        row.action: row.detail.get("role") for row in AuditRecord.objects.exclude(action="office.changed")
    }
    assert roles["office.deleted"] == Role.CASHIER


# -- Mobile numbers


def test_numbers__masked_in_lists__whole_and_on_record_on_their_page(here: Estate) -> None:
    home = make.make_home(estate=here)
    person = make.make_resident(home=home, phone=PHONE)
    rows = [
        person,
        make.make_roster_entry(home=home, phone=PHONE),
        make.make_repair(home=home, resident=person),
    ]
    client = signed_in(make.make_staff(role=Role.MANAGER, estate=here))
    for row in rows:
        reads = AuditRecord.objects.filter(action="number_read", target=f"{row._meta.label_lower}:{row.pk}")
        assert "13912345678" not in client.get(list_of(type(row))).content.decode()
        assert not reads.exists()
        assert "13912345678" in client.get(page_of(row)).content.decode()
        assert reads.count() == 1
    assert "139****5678" in client.get(list_of(User)).content.decode()


@pytest.mark.parametrize(
    ("status", "is_shown"), [("requested", True), ("active", True), ("declined", False), ("ended", False)]
)
def test_people__are_those_who_live_there_or_ask_to(here: Estate, status: str, is_shown: bool) -> None:
    person = make.make_user()
    make.make_residency(user=person, home=make.make_home(estate=here), status=Residency.Status(status))
    client = signed_in(make.make_staff(role=Role.MANAGER, estate=here))
    assert (person in shown(client, User)) is is_shown
