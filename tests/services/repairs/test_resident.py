"""After the report: what the resident sees, says and decides."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.common.models import Satisfaction
from services.repairs import actions
from services.repairs.models import Repair, RepairDraft
from services.repairs.tasks import close_finished_repairs, forget_old_drafts
from tests.factories import make_delegation, make_home, make_repair, make_resident, make_staff, make_user
from tests.support.backing import forget_kept
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db
Status = Repair.Status


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("url_name", ["repairs", "home"])
def test_list__with_a_thousand_rows__asks_no_more_queries(url_name) -> None:
    home = make_home()
    resident = make_resident(home=home)
    first = make_repair(home=home, resident=resident)
    now, client = clock.now(), signed_in(resident)

    def add(count: int, start: int) -> None:
        Repair.objects.bulk_create(
            Repair(
                estate=first.estate,
                home=home,
                resident=resident,
                reported_by=resident,
                category=first.category,
                reference=f"R-000000-{start + n:04d}",
                status_changed_at=now,
                created_at=now - timedelta(minutes=n),
            )
            for n in range(count)
        )

    add(10, 0)
    few = queries_of(client, reverse(url_name))
    add(1000, 1000)
    forget_kept()
    assert queries_of(client, reverse(url_name)) == few


def test_list__pages_by_key__shows_each_repair_once() -> None:
    home = make_home()
    resident = make_resident(home=home)
    made = [make_repair(home=home, resident=resident).pk for _n in range(25)]
    client, url, seen = signed_in(resident), reverse("repairs"), []
    for _page in range(2):
        response = client.get(url)
        seen += [repair.pk for repair in response.context["repairs"]]
        url = reverse("repairs") + "?before=" + response.context["older"]
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("key", ["x", "9" * 40, "-", "1-x", "%00"])
def test_list__with_a_made_up_key__shows_the_first_page(key) -> None:
    assert signed_in(make_resident()).get(reverse("repairs"), {"before": key}).status_code == 200


def test_detail__shows_every_step_with_who_and_the_internal_note_to_nobody_outside() -> None:
    repair = make_repair(status=Status.ASSIGNED)
    now = clock.now()
    actions.start_work(repair=repair, by=repair.worker, now=now)
    actions.add_words(repair=repair, by=repair.worker, words="业主脾气大", is_internal=True, now=now)
    actions.finish_work(repair=repair, by=repair.worker, words="换了垫圈", now=now)
    page = signed_in(repair.resident).get(reverse("repair", args=[repair.pk])).content.decode()
    assert f"{repair.worker.name}开始维修" in page
    assert "换了垫圈" in page
    assert "业主脾气大" not in page


def test_quote__agreed__goes_on_and_tells_the_worker() -> None:
    repair = make_repair(status=Status.QUOTED)
    url = reverse("repair_quote", args=[repair.pk])
    assert "¥68.00" in signed_in(repair.resident).get(url).content.decode()
    signed_in(repair.resident).post(url, {"answer": "yes", "fen": 6800})
    repair.refresh_from_db()
    assert repair.status == Status.IN_WORK
    assert OutboxMessage.objects.filter(recipient=repair.worker, template="job_quote_agreed").count() == 1


def test_quote__of_another_price_than_seen__is_not_agreed() -> None:
    repair = make_repair(status=Status.QUOTED)
    with pytest.raises(AlreadyMoved):
        actions.answer_quote(repair=repair, by=repair.resident, agrees=True, fen=100, now=clock.now())
    repair.refresh_from_db()
    assert repair.status == Status.QUOTED


def test_quote__refused__ends_the_repair() -> None:
    repair = make_repair(status=Status.QUOTED)
    actions.answer_quote(repair=repair, by=repair.resident, agrees=False, fen=6800, now=clock.now())
    assert repair.status == Status.CANCELLED


@pytest.mark.parametrize(
    "given", [{"fen": 6800}, {"answer": "perhaps", "fen": 6800}, {"answer": "yes", "fen": "x"}]
)
def test_quote__nonsense__changes_nothing(given) -> None:
    repair = make_repair(status=Status.QUOTED)
    assert (
        signed_in(repair.resident).post(reverse("repair_quote", args=[repair.pk]), given).status_code == 422
    )
    repair.refresh_from_db()
    assert repair.status == Status.QUOTED


def test_confirm__without_a_face__says_so_and_keeps_the_words() -> None:
    repair = make_repair(status=Status.DONE)
    answer = signed_in(repair.resident).post(
        reverse("repair_confirm", args=[repair.pk]), {"words": "师傅很好"}
    )
    assert answer.status_code == 422
    assert "请选一个表情" in answer.content.decode()
    assert "师傅很好" in answer.content.decode()


def test_confirm__twice__is_rated_once() -> None:
    repair = make_repair(status=Status.DONE)
    for _tap in range(2):
        signed_in(repair.resident).post(reverse("repair_confirm", args=[repair.pk]), {"face": 3})
    assert Satisfaction.objects.get().face == 3
    assert repair.history.filter(to_status=Status.CONFIRMED).count() == 1


def test_reopen__without_words__says_what_is_missing() -> None:
    repair = make_repair(status=Status.DONE)
    answer = signed_in(repair.resident).post(reverse("repair_reopen", args=[repair.pk]), {"words": " "})
    assert answer.status_code == 422
    assert "请写还有什么没修好" in answer.content.decode()


def test_cancel__by_the_daughter__is_marked_for_the_mother() -> None:
    repair = make_repair()
    daughter = make_delegation(resident=repair.resident).delegate
    signed_in(daughter).post(reverse("repair_cancel", args=[repair.pk]), {"reason": "自己修好了"})
    last = repair.history.last()
    assert (last.to_status, last.actor, last.on_behalf_of) == (Status.CANCELLED, daughter, repair.resident)


def test_cancel__once_the_work_has_begun__is_refused() -> None:
    repair = make_repair(status=Status.IN_WORK)
    with pytest.raises(AlreadyMoved):
        actions.cancel_repair(repair=repair, by=repair.resident, reason="", now=clock.now())


def test_add_words__with_pictures__reaches_the_worker() -> None:
    repair = make_repair(status=Status.ASSIGNED)
    url = reverse("repair_add_words", args=[repair.pk])
    signed_in(repair.resident).post(url, {"words": "门铃坏了，请敲门", "pictures": [a_picture()]})
    assert repair.messages.get().words == "门铃坏了，请敲门"
    assert repair.pictures.count() == 1
    assert OutboxMessage.objects.filter(recipient=repair.worker, template="repair_message").exists()


@pytest.mark.parametrize("words", ["", "   ", "长" * 2001])
def test_add_words__nothing_or_far_too_much__is_refused(words) -> None:
    repair = make_repair()
    answer = signed_in(repair.resident).post(reverse("repair_add_words", args=[repair.pk]), {"words": words})
    assert answer.status_code == 422
    assert not repair.messages.exists()


def test_add_words__to_a_finished_repair__is_forbidden() -> None:
    repair = make_repair(status=Status.CLOSED)
    with pytest.raises(Forbidden):
        actions.add_words(repair=repair, by=repair.resident, words="在吗", now=clock.now())


def test_close__seven_days_after_done_and_not_before() -> None:
    repair, fresh = make_repair(status=Status.DONE), make_repair(status=Status.DONE)
    Repair.objects.filter(pk=repair.pk).update(status_changed_at=clock.now() - timedelta(days=7, minutes=1))
    assert close_finished_repairs() == 1
    repair.refresh_from_db()
    fresh.refresh_from_db()
    assert (repair.status, fresh.status) == (Status.CLOSED, Status.DONE)
    assert repair.history.last().actor is None
    actions.rate_repair(repair=repair, by=repair.resident, face=1, now=clock.now())
    assert repair.satisfaction.face == 1


def test_drafts__never_sent__are_forgotten_after_a_week() -> None:
    home = make_home()
    resident = make_resident(home=home)
    for days in (8, 1):
        RepairDraft.objects.create(
            estate=home.estate,
            resident=resident,
            begun_by=resident,
            created_at=clock.now() - timedelta(days=days),
        )
    assert forget_old_drafts() == 1
    assert RepairDraft.objects.count() == 1


def test_decline__needs_a_reason_that_the_resident_reads() -> None:
    repair = make_repair()
    dispatcher = make_staff(role=StaffRole.Role.DISPATCHER, estate=repair.estate)
    with pytest.raises(ActionError):
        actions.decline_repair(repair=repair, by=dispatcher, reason=" ", now=clock.now())
    actions.decline_repair(repair=repair, by=dispatcher, reason="属于燃气公司", now=clock.now())
    page = signed_in(repair.resident).get(reverse("repair", args=[repair.pk])).content.decode()
    assert "属于燃气公司" in page


def test_description__is_encrypted_at_rest() -> None:
    repair = make_repair(description="我妈一个人在家")
    with connection.cursor() as cursor:
        cursor.execute("SELECT description FROM repairs_repair WHERE id = %s", [repair.pk])
        assert "我妈" not in cursor.fetchone()[0]
    repair.refresh_from_db()
    assert repair.description == "我妈一个人在家"


def test_desk_of_another_estate__cannot_name_a_person_by_number() -> None:
    """An address with a foreign person's number shows nothing of them."""
    desk = make_staff(role=StaffRole.Role.FRONT_DESK)
    stranger = make_user(name="钱远")
    answer = signed_in(desk).get(reverse("report_begin"), {"for": stranger.pk})
    assert answer.status_code == 404


@pytest.mark.parametrize("asked_days_ago", [0, 200])
def test_new_tenant__does_not_see_the_repairs_of_the_household_before(asked_days_ago: int) -> None:
    before = make_repair(status=Status.CONFIRMED)
    tenant = make_resident(home=before.home)
    # To have asked for the home long ago is not to have lived there.
    tenant.residencies.update(created_at=clock.now() - timedelta(days=asked_days_ago))
    after = make_repair(home=before.home, resident=before.resident)
    client = signed_in(tenant)
    assert client.get(reverse("repair", args=[before.pk])).status_code == 404
    assert client.get(reverse("repair", args=[after.pk])).status_code == 200
    assert [repair.pk for repair in client.get(reverse("repairs")).context["repairs"]] == [after.pk]


def test_daughter__after_the_delegation_ended__sees_and_sends_nothing_more() -> None:
    mother = make_resident()
    delegation = make_delegation(resident=mother)
    daughter = delegation.delegate
    repair = make_repair(home=mother.residencies.get().home, resident=mother, reported_by=daughter)
    draft = RepairDraft.objects.create(
        estate=repair.estate,
        resident=mother,
        begun_by=daughter,
        home=repair.home,
        category=repair.category,
        created_at=clock.now(),
    )
    delegation.ended_at = clock.now()
    delegation.save()
    client = signed_in(daughter)
    assert client.get(reverse("repair", args=[repair.pk])).status_code == 404
    assert client.get(reverse("report_check", args=[draft.pk])).status_code == 404
    with pytest.raises(Forbidden):
        actions.send_report(draft=draft, by=daughter, now=clock.now())
    OutboxMessage.objects.all().delete()
    actions.cancel_repair(repair=repair, by=mother, reason="", now=clock.now())
    assert not OutboxMessage.objects.filter(recipient=daughter).exists()


def test_price__agreed_by_the_desk__is_told_to_the_resident() -> None:
    repair = make_repair(status=Status.QUOTED)
    desk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=repair.estate)
    actions.answer_quote(repair=repair, by=desk, agrees=True, fen=6800, now=clock.now())
    told = OutboxMessage.objects.filter(recipient=repair.resident, template="repair_price_agreed_for")
    assert sorted(told.values_list("channel", flat=True)) == ["inbox", "sms"]


def test_price__agreed_by_the_worker_who_asked_it__is_forbidden() -> None:
    repair = make_repair(status=Status.QUOTED)
    StaffRole.objects.create(user=repair.worker, estate=repair.estate, role=StaffRole.Role.FRONT_DESK)
    with pytest.raises(Forbidden):
        actions.answer_quote(repair=repair, by=repair.worker, agrees=True, fen=6800, now=clock.now())


@pytest.mark.parametrize("query", ["for=²", "for=x", "kind=²", "home=1e9", "for=" + "9" * 40])
def test_report__a_made_up_number_in_the_address__is_no_error(query) -> None:
    answer = signed_in(make_resident()).get(reverse("report_begin") + "?" + query)
    assert answer.status_code in {200, 404}


def test_picture__taken_in_while_the_report_is_sent__belongs_to_the_repair() -> None:
    repair = make_repair()
    draft = RepairDraft.objects.create(
        estate=repair.estate,
        resident=repair.resident,
        begun_by=repair.resident,
        created_at=clock.now(),
    )
    stale = RepairDraft.objects.get(pk=draft.pk)
    draft.repair = repair
    draft.save()
    actions.add_picture_to_draft(draft=stale, by=repair.resident, upload=a_picture(), now=clock.now())
    assert repair.pictures.count() == 1


def test_repair__waits_for_the_resident__asks_the_question_before_the_history() -> None:
    worker = make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=(home := make_home()).estate)
    repair = make_repair(home=home, estate=home.estate, status=Status.IN_WORK, worker=worker)
    client = signed_in(repair.resident)
    actions.wait_for_resident(repair=repair, by=worker, reason="家里没人，几点方便", now=clock.now())
    page = client.get(reverse("repair", args=[repair.pk])).content.decode()
    answer = reverse("repair_add_words", args=[repair.pk])
    assert page.index("家里没人，几点方便") < page.index(answer) < page.index("经过")
    assert "师傅请您回复" in page
    assert "等住户" not in page
    actions.resume_work(repair=repair, by=worker, now=clock.now())
    assert "师傅在等您回复" not in client.get(reverse("repair", args=[repair.pk])).content.decode()
