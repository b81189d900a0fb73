"""What staff do with a repair, from the board and on its page."""

import pytest
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core.models import AuditRecord
from community.estates.models import Estate
from services.repairs.models import Repair
from tests.factories import make_repair, make_staff
from tests.services.repairs.board import as_user, board_of, column

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
S = Repair.Status


def test_assign__from_the_board__by_a_plain_form(estate: Estate, dispatcher: User) -> None:
    worker = make_staff(role=Role.REPAIR_WORKER, estate=estate)
    repair = make_repair(estate=estate)
    back = reverse("board") + f"?estate={estate.pk}&emergency=on"
    response = as_user(dispatcher).post(
        reverse("board_act", args=[repair.pk, "assign"]), {"worker": worker.pk, "next": back}
    )
    assert response.headers["Location"] == back
    assert repair.reference in column(board_of(dispatcher), "assigned")


def test_assign__next_of_another_host__goes_to_the_repair(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    response = as_user(dispatcher).post(
        reverse("board_act", args=[repair.pk, "accept"]), {"next": "https://example.org/"}
    )
    assert response.headers["Location"] == reverse("board_repair", args=[repair.pk])


def test_assign__to_another_worker__moves_the_job(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate, status=S.ASSIGNED)
    second = make_staff(role=Role.REPAIR_WORKER, estate=estate)
    as_user(dispatcher).post(reverse("board_act", args=[repair.pk, "assign"]), {"worker": second.pk})
    repair.refresh_from_db()
    assert repair.worker == second


BAD: list[tuple[str, str, dict[str, str], str]] = [
    ("assign", S.NEW, {"worker": ""}, "worker"),
    ("assign", S.NEW, {"worker": "99999"}, "worker"),
    ("decline", S.NEW, {"reason": " "}, "reason"),
    ("decline", S.NEW, {"reason": "x" * 2001}, "reason"),
    ("write", S.NEW, {"words": ""}, "words"),
    ("note", S.NEW, {"words": ""}, "words"),
    ("cancel", S.NEW, {"reason": ""}, "reason"),
    ("answer-quote", S.QUOTED, {"fen": "6800"}, "answer"),
    ("confirm", S.DONE, {"words": "很好"}, "face"),
    ("confirm", S.DONE, {"face": "7", "words": "很好"}, "face"),
    ("reopen", S.DONE, {"words": ""}, "words"),
    ("rate", S.CLOSED, {"words": "很好"}, "face"),
]


@pytest.mark.parametrize(("verb", "status", "given", "field"), BAD)
def test_act__bad_input__names_the_field_and_keeps_the_words(
    estate: Estate, verb: str, status: str, given: dict[str, str], field: str
) -> None:
    manager = make_staff(role=Role.MANAGER, estate=estate)
    repair = make_repair(estate=estate, status=status)
    response = as_user(manager).post(reverse("board_act", args=[repair.pk, verb]), given)
    assert response.status_code == 422
    html = response.content.decode()
    assert f'id="{verb}_{field}_error"' in html
    written = [given[name] for name in ("words", "reason") if given.get(name, "").strip()]
    assert all(words in html for words in written)
    repair.refresh_from_db()
    assert repair.status == status


GOOD: list[tuple[str, str, dict[str, str], str]] = [
    ("accept", S.NEW, {}, S.ACCEPTED),
    ("decline", S.ACCEPTED, {"reason": "不归我们管"}, S.DECLINED),
    ("cancel", S.ASSIGNED, {"reason": "打电话来取消"}, S.CANCELLED),
    ("answer-quote", S.QUOTED, {"fen": "6800", "answer": "yes"}, S.IN_WORK),
    ("answer-quote", S.QUOTED, {"fen": "6800", "answer": "no"}, S.CANCELLED),
    ("confirm", S.DONE, {"face": "3", "words": "很好"}, S.CONFIRMED),
    ("reopen", S.DONE, {"words": "还在漏"}, S.REOPENED),
]


@pytest.mark.parametrize(("verb", "status", "given", "after"), GOOD)
def test_act__by_the_manager__moves_and_stands_in_the_history(
    estate: Estate, verb: str, status: str, given: dict[str, str], after: str
) -> None:
    manager = make_staff(role=Role.MANAGER, estate=estate, name="陈经理")
    repair = make_repair(estate=estate, status=status)
    client = as_user(manager)
    page = client.get(reverse("board_repair", args=[repair.pk])).content.decode()
    assert f"/{verb}/" in page
    response = client.post(reverse("board_act", args=[repair.pk, verb]), given, follow=True)
    assert response.status_code == 200
    repair.refresh_from_db()
    assert repair.status == after
    assert repair.history.last().actor == manager


def test_act__quote_was_changed_meanwhile__is_refused_with_what_was_chosen(estate: Estate) -> None:
    manager = make_staff(role=Role.MANAGER, estate=estate)
    repair = make_repair(estate=estate, status=S.QUOTED)
    response = as_user(manager).post(
        reverse("board_act", args=[repair.pk, "answer-quote"]), {"fen": "100", "answer": "yes"}
    )
    assert response.status_code == 422
    assert "Someone else has just changed this" in response.content.decode()


def test_act__decided_by_a_colleague_meanwhile__keeps_what_was_written(
    estate: Estate, dispatcher: User
) -> None:
    repair = make_repair(estate=estate, status=S.CANCELLED)
    response = as_user(dispatcher).post(
        reverse("board_act", args=[repair.pk, "decline"]), {"reason": "这是开发商保修范围"}
    )
    assert response.status_code == 422
    assert "这是开发商保修范围" in response.content.decode()


def test_act__unknown_verb__is_not_found(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    assert as_user(dispatcher).post(reverse("board_act", args=[repair.pk, "explode"])).status_code == 404


def test_note__is_read_by_staff_and_not_by_the_resident(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    client = as_user(dispatcher)
    client.post(reverse("board_act", args=[repair.pk, "note"]), {"words": "住户常投诉"})
    client.post(reverse("board_act", args=[repair.pk, "write"]), {"words": "明天上午来"})
    staff = client.get(reverse("board_repair", args=[repair.pk])).content.decode()
    assert "住户常投诉" in staff
    assert "明天上午来" in staff
    resident = as_user(repair.resident).get(reverse("repair", args=[repair.pk])).content.decode()
    assert "住户常投诉" not in resident
    assert "明天上午来" in resident


def test_repair_page__shows_the_number__and_writes_down_who_saw_it(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    html = as_user(dispatcher).get(reverse("board_repair", args=[repair.pk])).content.decode()
    assert f'href="tel:{repair.resident.phone_national}"' in html
    record = AuditRecord.objects.get(action="number_read")
    assert (record.actor, record.target) == (dispatcher, f"repairs.repair:{repair.pk}")
    live = as_user(dispatcher).get(reverse("board_repair_live", args=[repair.pk])).content.decode()
    assert repair.resident.phone_national not in live
