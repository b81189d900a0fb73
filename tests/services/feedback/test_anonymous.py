"""Who wrote without a name cannot be found: not in a table, a log, the cache nor a file.

Nor on any page: test_anonymous_pages.py.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.core.encryption import blind_index
from community.core.pictures import SIZES
from community.notifications.models import LiveTopic, OutboxMessage
from services.common.models import ResponseClock
from services.common.response_clock import full_hour
from services.feedback import actions
from services.feedback.models import Feedback
from tests import factories as make
from tests.services.feedback.writer import WORDS, WRITER_PK, Writer
from tests.support import backing
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer() -> Writer:
    return Writer(make.make_estate())


def everything() -> dict[str, set[str]]:
    """Every row of every table as text, decrypted."""
    return {
        model._meta.label: {repr(sorted(row.items())) for row in model._default_manager.values()}
        for model in apps.get_models()
    }


def in_redis() -> str:
    """Every key of the cache, the limits and the queues, with what it holds."""
    redis, found = backing.redis_client(), []
    for key in redis.scan_iter("*"):
        kind = redis.type(key)
        value: Any = b""
        if kind == b"string":
            value = redis.get(key)
        elif kind == b"list":
            value = redis.lrange(key, 0, -1)
        elif kind == b"hash":
            value = redis.hgetall(key)
        found.append(f"{key!r} {value!r}")
    return "\n".join(found)


def test_nameless__whole_life_while_signed_in__leaves_no_trace_of_the_writer(
    writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    clerk = make.make_staff(estate=writer.estate)
    before = everything()
    caplog.set_level(logging.DEBUG)
    code = writer.write(about="门岗")
    writer.open(code)
    writer.client.get("/feedback/code/thread/")
    writer.client.post("/feedback/code/thread/add/", {"words": "还有监控", "pictures": [a_picture()]})
    feedback = Feedback.objects.get()
    for turn in range(2):
        answer = Feedback.objects.get(pk=feedback.pk)
        actions.ask_solved(feedback=answer, by=clerk, words="已处理", now=clock.now())
        writer.client.post("/feedback/code/thread/not-solved/", {"words": f"没有{turn}"})
    actions.ask_solved(
        feedback=Feedback.objects.get(pk=feedback.pk), by=clerk, words="已换人", now=clock.now()
    )
    writer.client.post("/feedback/code/thread/solved/", {"face": 1, "words": "还是不满意"})
    feedback.refresh_from_db()
    assert feedback.status == Feedback.Status.CLOSED
    assert feedback.is_escalated

    after = everything()
    written = {row for label, rows in after.items() for row in rows - before.get(label, set())}
    assert len(written) > 10
    for trace in writer.traces:
        assert not [row for row in written if trace in row], f"{trace} stands in a table"
        assert trace not in caplog.text, f"{trace} stands in the log"
        assert trace not in in_redis(), f"{trace} stands in Redis"
    # Not even the row of the session or of the person has changed.
    for label in ("accounts.User", "sessions.Session"):
        assert after[label] == before[label]


def test_with_a_name__the_same_search__finds_the_writer(writer: Writer) -> None:
    """That the search above finds nothing says something only because it finds this."""
    before = everything()
    page = writer.client.get("/feedback/new/", {"kind": "complaint"})
    writer.client.post("/feedback/send/", {"sealed": page.context["sealed"], "words": WORDS})
    written = {row for label, rows in everything().items() for row in rows - before.get(label, set())}
    assert [row for row in written if str(WRITER_PK) in row]
    assert blind_index(str(WRITER_PK)) in in_redis()


def test_nameless__who_it_was__is_nobody_in_every_column_of_a_person(writer: Writer) -> None:
    writer.write()
    for model in apps.get_models():
        people = [
            field.name
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model is User
        ]
        if model._meta.app_label in {"feedback", "common", "core", "notifications"}:
            for name in people:
                assert not model._default_manager.filter(**{name: WRITER_PK}).exists(), f"{model} {name}"


def test_nameless__times__are_full_hours_everywhere(writer: Writer) -> None:
    code = writer.write()
    writer.open(code)
    writer.client.post("/feedback/code/thread/add/", {"words": "还有一件事"})
    feedback = Feedback.objects.get()
    times: list[datetime] = [feedback.created_at, feedback.status_changed_at]
    times += list(feedback.history.values_list("at", flat=True))
    times += list(feedback.messages.values_list("at", flat=True))
    times += list(feedback.pictures.values_list("at", flat=True))
    times += list(ResponseClock.objects.values_list("started_at", flat=True))
    times += list(LiveTopic.objects.filter(name__startswith="feedback").values_list("changed_at", flat=True))
    assert all((at.minute, at.second, at.microsecond) == (0, 0, 0) for at in times), times
    # The clock does not run before it was written: it begins with the hour after.
    assert ResponseClock.objects.get().started_at - feedback.created_at == timedelta(hours=1)
    picture = feedback.pictures.get()
    for size in SIZES:
        path = Path(default_storage.path(picture.file_name(size)))
        assert path.stat().st_mtime == feedback.created_at.timestamp()


def test_nameless__the_manager_is_told_of_the_second_time__not_before_the_hour_is_over(
    writer: Writer,
) -> None:
    make.make_staff(role="manager", estate=writer.estate)
    clerk = make.make_staff(estate=writer.estate)
    feedback = make.make_feedback(estate=writer.estate, code="7K4M-9XQ2-HJ3T-V8PW", times_reopened=1)
    now = clock.now()
    actions.ask_solved(feedback=feedback, by=clerk, words="已处理", now=now)
    actions.say_not_solved(feedback=feedback, by=None, words="没有", now=now)
    told = OutboxMessage.objects.filter(template="feedback_escalated")
    # No row before the hour is over: the number of a row says when it was written, too.
    hour_is_over = full_hour(now) + timedelta(hours=1)
    for at, number in ((now, 0), (hour_is_over, 1), (hour_is_over + timedelta(minutes=30), 1)):
        actions.notify_managers_of_anonymous(now=at)
        assert told.count() == number


def test_nameless__the_reference_of_ones_repair__is_left_out(writer: Writer) -> None:
    writer.write(about="R-261123-0042 水管")
    assert Feedback.objects.get().about == "水管"


@pytest.mark.parametrize(
    ("about", "left"),
    [
        ("报修R-261123-0042", "报修"),
        ("R-261123-0042号报修", "号报修"),
        ("Ｒ－２６１１２３－００４２的水管", "的水管"),
        ("r 261123 0042 水管", "水管"),
        ("水管R2611230042还在漏", "水管还在漏"),
        ("H2—261123—0042", "H2—261123—0042"),
        ("预约RA—261123—0042", "预约"),
        ("3号楼２单元：电梯", "3号楼２单元：电梯"),
        ("ﷺ" * 40 + "R-261123-0042", None),
    ],
)
def test_nameless__a_reference__however_it_is_typed__is_left_out(
    writer: Writer, about: str, left: str | None
) -> None:
    page = writer.client.get("/feedback/new/", {"kind": "complaint"})
    data = {"sealed": page.context["sealed"], "words": WORDS, "about": about}
    asked = writer.client.post("/feedback/new/", data)
    assert asked.context["names_somebody"] == (left != about)
    writer.client.post("/feedback/without-name/", data | {"sealed": asked.context["sealed_without_name"]})
    kept = Feedback.objects.get().about
    assert "0042" not in kept if left is None else kept == left
    assert len(kept) <= 60


def test_nameless__two_taps__are_one_and_show_the_same_code(writer: Writer) -> None:
    page = writer.client.get("/feedback/new/", {"kind": "complaint"})
    data = {"sealed": page.context["sealed"], "words": WORDS}
    first = writer.client.post("/feedback/without-name/", data)
    second = writer.client.post("/feedback/without-name/", data)
    assert first.context["code"] == second.context["code"]
    assert Feedback.objects.count() == 1


def test_nameless__pictures__open_by_the_code_and_to_staff_alone(writer: Writer) -> None:
    code = writer.write()
    picture = Feedback.objects.get().pictures.get()
    by_code = reverse("feedback_by_code_picture", args=[picture.pk, "small"])
    by_role = reverse("feedback_picture", args=[picture.pk, "small"])
    assert writer.client.get(by_code).status_code == 404
    assert writer.client.get(by_role).status_code == 404
    writer.open(code)
    answer = writer.client.get(by_code)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    neighbour, clerk = Client(), Client()
    neighbour.force_login(make.make_resident(home=make.make_home(estate=writer.estate)))
    clerk.force_login(make.make_staff(estate=writer.estate))
    assert neighbour.get(by_role).status_code == 404
    assert clerk.get(by_role).status_code == 200
    writer.client.post("/feedback/code/leave/")
    assert writer.client.get(by_code).status_code == 404


def test_nameless__rated_badly__goes_on_with_the_same_code(writer: Writer) -> None:
    clerk = make.make_staff(estate=writer.estate)
    code = writer.write()
    feedback = Feedback.objects.get()
    actions.ask_solved(feedback=feedback, by=clerk, words="我们批评了他", now=clock.now())
    actions.add_internal_note(feedback=feedback, by=clerk, words="老问题户", now=clock.now())
    writer.open(code)
    writer.client.post("/feedback/code/thread/solved/", {"face": 1, "words": "没有用"})
    follow_up = Feedback.objects.get(is_follow_up=True)
    actions.ask_writer(feedback=follow_up, by=clerk, words="哪里没有用？", now=clock.now())
    page = writer.client.get("/feedback/code/thread/").content.decode()
    for words in (WORDS, "我们批评了他", "没有用", "哪里没有用？"):
        assert words in page
    assert "老问题户" not in page
    picture = reverse("feedback_by_code_picture", args=[feedback.pictures.get().pk, "small"])
    assert writer.client.get(picture).status_code == 200
    writer.client.post("/feedback/code/thread/add/", {"words": "他还在收"})
    assert follow_up.messages.filter(is_writers=True).get().words == "他还在收"
    answer = Client().post("/api/v1/feedback/by-code/", {"code": code}, content_type="application/json")
    assert answer.json()["reference"] == follow_up.reference
    assert [one["words"] for one in answer.json()["earlier"]] == ["我们批评了他"]
