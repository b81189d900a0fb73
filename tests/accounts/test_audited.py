"""What every request leaves in the audit record: its address, refusals, and files that staff read."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.audited import AuditMiddleware
from accounts.models import StaffRole
from community.core import audit, audit_words, clock
from community.core.models import AuditRecord
from community.core.traces import leaves_no_trace
from community.core.transitions import record_first_status
from services.repairs.models import Repair, RepairPicture
from tests import factories as make
from tests.community.admin_pages import page_of, signed_in
from tests.factories.tokens import make_token

pytestmark = pytest.mark.django_db
WORKER, AUDITOR = StaffRole.Role.REPAIR_WORKER, StaffRole.Role.AUDITOR
HERE = {"REMOTE_ADDR": "203.0.113.7"}


def records(action: str) -> list[AuditRecord]:
    return list(AuditRecord.objects.filter(action=action).order_by("pk"))


def test_action__of_a_page__says_from_where() -> None:
    """Actions know no request."""
    resident, delegate = make.make_resident(), make.make_resident()
    given = make.make_delegation(resident=resident, delegate=delegate)
    client = Client(**HERE)
    client.force_login(resident)
    client.post(reverse("end_family", args=[given.pk]))
    [ended] = records("delegation_ended")
    assert (ended.actor, ended.address) == (resident, "203.0.113.7")


def test_page_without_traces__leaves_no_address() -> None:
    @leaves_no_trace
    def view(request: Any) -> HttpResponse:
        audit.record("thing.done", by=None)
        return HttpResponse(status=403)

    def answer(request: Any) -> HttpResponse:
        middleware.process_view(request, view, (), {})
        request.resolver_match = type("Match", (), {"func": staticmethod(view), "kwargs": {}, "route": "x"})
        return view(request)

    middleware = AuditMiddleware(answer)
    middleware(RequestFactory().get("/", **HERE))
    [row] = AuditRecord.objects.all()
    assert (row.action, row.address) == ("thing.done", None)
    audit.record("thing.done", by=None)
    assert AuditRecord.objects.latest("pk").address is None


def test_row_of_another_estate__page_api_and_admin__each_on_record() -> None:
    there = make.make_repair()
    staff = make.make_staff(role=StaffRole.Role.DISPATCHER)
    client = signed_in(staff, Client(**HERE))
    assert client.get(reverse("repair", args=[there.pk])).status_code == 404
    assert client.get(reverse("api_repair", args=[there.pk]), headers=make_token(staff)).status_code == 404
    assert client.get(page_of(there)).status_code == 302
    asked = records("page_asked")
    assert {(row.actor, row.outcome, row.address) for row in asked} == {(staff, "not_found", "203.0.113.7")}
    assert [row.detail["keys"] for row in asked[:2]] == [[str(there.pk)]] * 2
    assert asked[0].detail["page"] == "/repairs/…/"


def test_page_of_another_role__is_on_record() -> None:
    worker = make.make_staff(role=WORKER)
    assert signed_in(worker).get(reverse("desk_staff")).status_code in (403, 404)
    assert Client().get(reverse("api_me"), headers={"Authorization": "Bearer linli_wrong"}).status_code == 401
    outcomes = {(row.actor, row.outcome) for row in records("page_asked")}
    assert (None, "refused") in outcomes


def test_stranger__address_that_is_not_there__is_not_recorded() -> None:
    Client().get(reverse("repair", args=[1]))
    Client().get("/nothing/here/")
    assert records("page_asked") == []


def test_refusals__of_one_network__are_added_up() -> None:
    client = signed_in(make.make_resident(), Client(REMOTE_ADDR="2001:db8::1"))
    for number in range(15):
        client.get(reverse("repair", args=[number + 1]), REMOTE_ADDR=f"2001:db8::{number + 1}")
    asked = records("page_asked")
    assert [row.outcome for row in asked] == ["not_found"] * 10 + ["folding"]
    assert asked[-1].detail["network"] == "2001:db8::/64"


def picture_of(repair: Repair) -> RepairPicture:
    return RepairPicture.objects.create(
        repair=repair, key=str(uuid4()), width=4, height=3, added_by=repair.resident, at=clock.now()
    )


def test_picture__read_by_staff__on_record_once_an_hour_and_by_the_resident_never() -> None:
    repair = make.make_repair(status=Repair.Status.ASSIGNED)
    picture = picture_of(repair)
    for size in ("small", "large"):
        default_storage.save(picture.file_name(size), ContentFile(b"picture"))
    paths = {size: reverse("repair_picture", args=[picture.pk, size]) for size in ("small", "large")}
    desk = signed_in(make.make_staff(role=AUDITOR, estate=repair.estate))
    assert desk.get(paths["small"]).status_code == 200
    assert signed_in(repair.resident).get(paths["large"]).status_code == 200
    assert records("file_read") == []
    for _n in range(2):
        desk.get(paths["large"])
    worker = repair.worker
    api = reverse("api_picture", args=[picture.pk, "large"])
    assert Client().get(api, headers=make_token(worker)).status_code == 200
    target = f"repairs.repairpicture:{picture.pk}"
    assert [row.target for row in records("file_read")] == [target, target]
    assert records("file_read")[1].actor == worker


def test_step__taken_for_another_person__is_on_record() -> None:
    repair = make.make_repair()
    desk = make.make_staff(estate=repair.estate)
    for by in (desk, None):
        record_first_status(repair, by=by, now=clock.now(), on_behalf_of=repair.resident)
    [row] = records("on_behalf")
    assert (row.actor, row.target, row.estate_id_number) == (
        desk,
        f"repairs.repair:{repair.pk}",
        repair.estate_id,
    )
    assert row.detail == {"person": repair.resident_id, "step": "new"}
    assert str(repair.get_status_display()) in audit_words.detail(row.detail, row.target)
