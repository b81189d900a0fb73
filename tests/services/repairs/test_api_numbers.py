"""A number read through the API is on record, as on the pages."""

import pytest

from accounts.models import StaffRole, User
from community.core.models import AuditRecord
from services.repairs.models import Repair
from tests.factories import make_repair, make_staff
from tests.services.repairs.api import Api

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


def reads(by: User) -> int:
    return AuditRecord.objects.filter(action="number_read", actor=by).count()


@pytest.fixture
def repair() -> Repair:
    return make_repair()


def test_repair__by_the_dispatcher__each_reading_is_on_record(repair: Repair) -> None:
    dispatcher = make_staff(role=Role.DISPATCHER, estate=repair.estate)
    api = Api(dispatcher)
    for times in (1, 2):
        assert api.get(f"repairs/{repair.pk}/").json()["resident_phone"] == repair.resident.phone
        assert reads(dispatcher) == times
    record = AuditRecord.objects.filter(action="number_read").first()
    assert (record.target, record.estate_id_number) == (f"repairs.repair:{repair.pk}", repair.estate_id)


def test_verb__whose_answer_has_the_number__is_on_record(repair: Repair) -> None:
    dispatcher = make_staff(role=Role.DISPATCHER, estate=repair.estate)
    assert Api(dispatcher).post(f"board/{repair.pk}/accept/").json()["resident_phone"]
    assert reads(dispatcher) == 1


def test_repair__by_who_sees_no_number__is_not(repair: Repair) -> None:
    auditor = make_staff(role=Role.AUDITOR, estate=repair.estate)
    for user in (auditor, repair.resident):
        assert Api(user).get(f"repairs/{repair.pk}/").json()["resident_phone"] == ""
        assert reads(user) == 0


@pytest.mark.parametrize("path", ["board/", "repairs/", "board/workers/", "homes/"])
def test_lists__hold_no_number_of_anybody(path: str, repair: Repair) -> None:
    manager = make_staff(role=Role.MANAGER, estate=repair.estate)
    make_staff(role=Role.REPAIR_WORKER, estate=repair.estate)
    text = Api(manager).get(path).content.decode()
    for phone in User.objects.values_list("phone", flat=True):
        assert phone.removeprefix("+86") not in text
