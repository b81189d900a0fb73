"""The worker's phone page: jobs, one job and its verbs, and what is sent twice."""

import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.models import StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Estate
from community.notifications import delivery
from community.notifications.models import InboxNotice, OutboxMessage
from services.common.models import WorkSubmission
from services.repairs import actions
from services.repairs.models import PhoneQueue, Repair, RepairPicture
from tests.factories import make_category, make_estate, make_home, make_repair, make_resident, make_staff

pytestmark = pytest.mark.django_db
S = Repair.Status
WORKER = StaffRole.Role.REPAIR_WORKER


@pytest.fixture
def estate() -> Estate:
    return make_estate()


@pytest.fixture
def worker(estate: Estate) -> User:
    return make_staff(role=WORKER, estate=estate, name="王强")


def as_user(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(worker: User, repair: Repair, verb: str, *, json: bool = False, **given: Any) -> HttpResponse:
    """Send a verb as the page does, with a fresh key."""
    data = {"key": str(uuid4()), "sender": worker.pk, **given}
    headers = {"Accept": "application/json"} if json else {}
    return as_user(worker).post(reverse("work_act", args=[repair.pk, verb]), data, headers=headers)


def photo(name: str = "a.jpg") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def section(html: str, name: str) -> str:
    return html.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0]


def test_jobs__stand_where_they_belong__emergencies_first(estate: Estate, worker: User) -> None:
    later = make_repair(estate=estate, status=S.ASSIGNED, worker=worker)
    begun = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    urgent = make_repair(estate=estate, status=S.ASSIGNED, worker=worker, is_emergency=True)
    waiting = make_repair(estate=estate, status=S.WAITING_FOR_PARTS, worker=worker)
    free = make_repair(estate=estate, status=S.ACCEPTED)
    done = make_repair(estate=estate, status=S.DONE, worker=worker)
    html = as_user(worker).get(reverse("work")).content.decode()
    to_do = section(html, "to-do")
    places = [to_do.index(f'data-keep="{job.pk}"') for job in (urgent, begun, later)]
    assert places == sorted(places)
    for name, job in (("waiting", waiting), ("free", free), ("done", done)):
        assert f'data-keep="{job.pk}"' in section(html, name)


def test_jobs__of_a_colleague_and_of_another_estate__are_not_seen(estate: Estate, worker: User) -> None:
    colleague = make_repair(estate=estate, status=S.ASSIGNED)
    foreign = make_repair(status=S.ACCEPTED)
    new = make_repair(estate=estate)
    client = as_user(worker)
    html = client.get(reverse("work")).content.decode()
    for other in (colleague, foreign, new):
        assert f'data-keep="{other.pk}"' not in html
        assert client.get(reverse("work_job", args=[other.pk])).status_code == 404
        assert send(worker, other, "start").status_code == 404


@pytest.mark.parametrize("role", [StaffRole.Role.MANAGER, StaffRole.Role.DISPATCHER, StaffRole.Role.AUDITOR])
def test_jobs__who_is_no_repair_worker__may_not_look(estate: Estate, role: str) -> None:
    client = as_user(make_staff(role=role, estate=estate))
    assert client.get(reverse("work")).status_code == 403
    job = make_repair(estate=estate, status=S.ACCEPTED)
    assert client.get(reverse("work_job", args=[job.pk])).status_code == 404


def test_job__mine__has_the_number_and_it_is_written_down(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.ASSIGNED, worker=worker)
    html = as_user(worker).get(reverse("work_job", args=[job.pk])).content.decode()
    assert f'href="tel:{job.resident.phone_national}"' in html
    assert AuditRecord.objects.filter(action="number_read", actor=worker).count() == 1


def test_job__given_to_somebody_else__its_message_leads_to_no_dead_end(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.ACCEPTED)
    dispatcher = make_staff(role=StaffRole.Role.DISPATCHER, estate=estate)
    for one in (worker, make_staff(role=WORKER, estate=estate)):
        actions.assign_repair(repair=job, worker=one, by=dispatcher, now=clock.now())
    for message in OutboxMessage.objects.filter(recipient=worker):
        delivery.deliver(message.pk, now=clock.now())
    told = list(InboxNotice.objects.filter(user=worker))
    assert len(told) == 2
    for notice in told:
        answer = as_user(worker).get(reverse("open_notice", args=[notice.pk]), follow=True)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "This job is no longer yours." in page.partition("</section>")[2]
        assert job.resident.name not in page
        assert job.resident.phone_national not in page
    stranger = as_user(make_staff(role=WORKER, estate=estate))
    assert stranger.get(reverse("work_job", args=[job.pk])).status_code == 404


def test_job__free__does_not_show_the_number(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.ACCEPTED)
    html = as_user(worker).get(reverse("work_job", args=[job.pk])).content.decode()
    assert job.resident.phone_national not in html
    assert not AuditRecord.objects.filter(action="number_read").exists()


GOOD: list[tuple[str, str, dict[str, str], str]] = [
    ("start", S.ASSIGNED, {}, S.IN_WORK),
    ("give-back", S.ASSIGNED, {"reason": "今天太忙"}, S.ACCEPTED),
    ("wait-parts", S.IN_WORK, {"reason": "缺角阀"}, S.WAITING_FOR_PARTS),
    ("wait-resident", S.IN_WORK, {"reason": "没人在家"}, S.WAITING_FOR_RESIDENT),
    ("resume", S.WAITING_FOR_PARTS, {}, S.IN_WORK),
    ("quote", S.IN_WORK, {"price": "68.5", "words": "换水龙头"}, S.QUOTED),
    ("finish", S.IN_WORK, {"result": "replaced", "words": "换了角阀"}, S.DONE),
]


@pytest.mark.parametrize(("verb", "status", "given", "after"), GOOD)
def test_act__each_verb__is_on_the_page_and_moves_the_job(
    estate: Estate, worker: User, verb: str, status: str, given: dict[str, str], after: str
) -> None:
    job = make_repair(estate=estate, status=status, worker=worker)
    page = as_user(worker).get(reverse("work_job", args=[job.pk])).content.decode()
    assert f'data-work="{verb}"' in page
    assert send(worker, job, verb, **given).status_code == 302
    job.refresh_from_db()
    assert job.status == after


def test_take__free_job__is_mine(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.ACCEPTED)
    send(worker, job, "take")
    job.refresh_from_db()
    assert (job.status, job.worker) == (S.ASSIGNED, worker)


def test_finish__what_was_done__reaches_the_resident(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    send(worker, job, "finish", result="replaced", words="角阀老化", after_pictures=[photo(), photo("b.jpg")])
    html = as_user(job.resident).get(reverse("repair", args=[job.pk])).content.decode()
    assert "Replaced" in html
    assert "角阀老化" in html
    assert job.pictures.filter(shows=RepairPicture.Shows.AFTER).count() == 2


@pytest.mark.parametrize(
    ("price", "fen"),
    [
        ("68", 6800),
        ("68.5", 6850),
        ("¥68.50", 6850),
        ("1,200.00", 120_000),
        ("￥1，200元", 120_000),
        ("0.01", 1),
    ],
)
def test_quote__price_as_people_write_it__becomes_fen(
    estate: Estate, worker: User, price: str, fen: int
) -> None:
    job = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    send(worker, job, "quote", price=price, words="材料费")
    job.refresh_from_db()
    assert job.quote_fen == fen


BAD: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("quote", S.IN_WORK, {"price": "六十八", "words": "材料费"}, "price", "in figures"),
    ("quote", S.IN_WORK, {"price": "68.505", "words": "材料费"}, "price", "two decimals"),
    ("quote", S.IN_WORK, {"price": "0", "words": "材料费"}, "price", "more than 0"),
    ("quote", S.IN_WORK, {"price": "-5", "words": "材料费"}, "price", "more than 0"),
    ("quote", S.IN_WORK, {"price": "1000001", "words": "材料费"}, "price", "100,000"),
    ("quote", S.IN_WORK, {"price": "68", "words": ""}, "words", "what the price is for"),
    ("wait-parts", S.IN_WORK, {"reason": ""}, "reason", "which parts"),
    ("wait-resident", S.IN_WORK, {"reason": ""}, "reason", "write why"),
    ("give-back", S.ASSIGNED, {"reason": ""}, "reason", "write why"),
    ("finish", S.IN_WORK, {"result": "burnt", "words": "换了角阀"}, "result", "what was done"),
    ("write", S.IN_WORK, {"words": ""}, "words", "write something"),
    ("pictures", S.IN_WORK, {"shows": "before"}, "pictures", "at least one"),
]


@pytest.mark.parametrize(("verb", "status", "given", "field", "says"), BAD)
def test_act__bad_input__names_the_field_and_loses_nothing(
    estate: Estate, worker: User, verb: str, status: str, given: dict[str, Any], field: str, says: str
) -> None:
    job = make_repair(estate=estate, status=status, worker=worker)
    response = send(worker, job, verb, **given)
    assert response.status_code == 422
    html = response.content.decode()
    form = html.partition(f'data-work="{verb}"')[2].partition("</form>")[0]
    assert says in form
    assert all(value in form for name, value in given.items() if name in ("price", "words", "reason"))
    told = json.loads(send(worker, job, verb, json=True, **given).content)
    assert says in " ".join(told["errors"][field])
    job.refresh_from_db()
    assert job.status == status


def test_pictures__not_a_picture__says_so_and_keeps_none(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    fake = SimpleUploadedFile("x.jpg", b"MZ not a picture", "image/jpeg")
    response = send(worker, job, "pictures", json=True, shows="before", pictures=[photo(), fake])
    assert response.status_code == 422
    assert "pictures" in json.loads(response.content)["errors"]
    assert not job.pictures.exists()


def test_act__sent_twice__counts_once(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    key = str(uuid4())
    for _try in range(3):
        assert send(worker, job, "write", json=True, key=key, words="配件已到").status_code == 200
    assert job.messages.count() == 1


def test_pictures__sent_twice__are_kept_once(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    key = str(uuid4())
    for _try in range(2):
        response = send(worker, job, "pictures", json=True, key=key, shows="before", pictures=[photo()])
        assert response.status_code == 200
    assert job.pictures.count() == 1


def test_act__sent_again_after_the_job_went_to_another__is_answered_quietly(
    estate: Estate, worker: User
) -> None:
    job = make_repair(estate=estate, status=S.ASSIGNED, worker=worker)
    key = str(uuid4())
    send(worker, job, "give-back", key=key, reason="今天太忙")
    Repair.objects.update(status=S.ASSIGNED, worker=make_staff(role=WORKER, estate=estate))
    assert send(worker, job, "give-back", json=True, key=key, reason="今天太忙").status_code == 200


def test_act__refused__leaves_no_trace_and_can_be_tried_again(estate: Estate, worker: User) -> None:
    job = make_repair(estate=estate, status=S.CANCELLED, worker=worker)
    key = str(uuid4())
    response = send(worker, job, "finish", json=True, key=key, result="mended", words="修好了")
    assert response.status_code == 409
    assert json.loads(response.content)["errors"]["__all__"]
    assert not WorkSubmission.objects.exists()
    Repair.objects.update(status=S.IN_WORK)
    assert send(worker, job, "finish", json=True, key=key, result="mended").status_code == 200


def test_act__page_of_another_worker__is_refused_with_what_was_entered(estate: Estate, worker: User) -> None:
    other = make_staff(role=WORKER, estate=estate)
    job = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    response = send(worker, job, "write", sender=other.pk, words="门禁坏了")
    assert response.status_code == 409
    assert "门禁坏了" in response.content.decode()
    assert not job.messages.exists()


def test_act__key_of_another_job__is_refused(estate: Estate, worker: User) -> None:
    first = make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    second = make_repair(estate=estate, status=S.IN_WORK, worker=make_staff(role=WORKER, estate=estate))
    key = str(uuid4())
    colleague = second.worker
    assert colleague is not None
    assert send(colleague, second, "write", json=True, key=key, words="一").status_code == 200
    assert send(worker, first, "write", json=True, key=key, words="二").status_code == 409


def test_session__tells_who_is_signed_in(worker: User) -> None:
    assert json.loads(Client().get(reverse("work_session")).content) == {"user": None}
    told = json.loads(as_user(worker).get(reverse("work_session")).content)
    assert told["user"] == worker.pk
    assert told["token"]


def test_service_worker__may_see_only_the_work_pages() -> None:
    response = Client().get(reverse("work_sw"))
    assert response.headers["Service-Worker-Allowed"] == "/work/"
    assert response.headers["Content-Type"].startswith("text/javascript")


def test_jobs__a_thousand__take_as_many_queries_as_ten(estate: Estate, worker: User) -> None:
    home, category = make_home(estate=estate), make_category(estate=estate)
    resident = make_resident(home=home)
    states = [S.ASSIGNED, S.IN_WORK, S.ACCEPTED, S.WAITING_FOR_PARTS, S.DONE]

    def fill(number: int, begin: int) -> None:
        now = clock.now()
        Repair.objects.bulk_create(
            Repair(
                estate=estate,
                home=home,
                category=category,
                resident=resident,
                reported_by=resident,
                reference=f"R-260101-{begin + n:05d}",
                status=(status := states[n % len(states)]),
                worker=None if status == S.ACCEPTED else worker,
                created_at=now,
                status_changed_at=now - timedelta(seconds=n),
            )
            for n in range(number)
        )

    def queries() -> int:
        client = as_user(worker)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("work")).status_code == 200
        return len(seen)

    fill(10, 0)
    few = queries()
    fill(990, 10)
    assert queries() == few


def test_waiting__told_by_the_phone__stands_on_the_board_until_it_has_arrived(
    estate: Estate, worker: User
) -> None:
    dispatcher = make_staff(role=StaffRole.Role.DISPATCHER, estate=estate)
    phone, desk = Client(), Client(headers={"accept-language": "zh-CN"})
    phone.force_login(worker)
    desk.force_login(dispatcher)
    since = int((clock.now() - timedelta(hours=2)).timestamp())
    told = {"waiting": 1, "refused": 1, "since": since}
    assert phone.post(reverse("work_waiting"), told).status_code == 200
    assert "手机上有 2 条记录没发出" in desk.get(reverse("board")).content.decode()
    assert phone.post(reverse("work_waiting"), {**told, "waiting": -1}).status_code == 422
    assert phone.post(reverse("work_waiting"), {**told, "since": 10**20}).status_code == 422
    phone.post(reverse("work_waiting"), {"waiting": 0, "refused": 0, "since": 0})
    assert "未送出" not in desk.get(reverse("board")).content.decode()
    assert not PhoneQueue.objects.exists()
