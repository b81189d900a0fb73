"""Nor by when it was: no key, reference, session, log line or file of the server says the minute."""

import io
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.views.debug import SafeExceptionReporterFilter

from accounts.handlers import WEEK
from community.core import clock
from community.core.traces import NoTrace, is_traceless
from community.notifications.models import OutboxMessage
from services.common.models import ReferenceCounter, ResponseClock, Satisfaction
from services.feedback import actions
from services.feedback.actions.feedback import FeedbackContent
from services.feedback.models import Feedback, FeedbackChange, FeedbackMessage
from tests import factories as make

pytestmark = pytest.mark.django_db

CODE = "7K4M-9XQ2-HJ3T-V8PW"
NGINX = Path(settings.BASE_DIR) / "deploy" / "nginx.conf"
# So large that no table counts up to it.
COUNTED = 10**9


def test_keys_and_references__of_ones_without_a_name__say_nothing_of_their_neighbours() -> None:
    estate, now = make.make_estate(), clock.now()
    resident = make.make_resident(home=make.make_home(estate=estate))
    written = FeedbackContent(estate, "complaint", "太吵了")
    named = []
    for n in range(3):
        named.append(
            actions.send_named(content=written, resident=resident, by=resident, key=uuid4(), now=now)
        )
        actions.send_anonymous(content=written, code=f"{CODE[:-1]}{n + 2}", now=now)
    nameless = Feedback.objects.filter(is_anonymous=True)
    day = f"{clock.today(now):%y%m%d}"
    # One who reads the numbers of those with a name finds no gap, and so no place between two of them.
    assert [one.reference for one in named] == [f"F-{day}-000{n}" for n in (1, 2, 3)]
    assert ReferenceCounter.objects.get(letter="F").last == 3
    for one in nameless:
        assert re.fullmatch(rf"F-{day}-[5-9]\d{{3}}", one.reference)
        assert one.pk > COUNTED
        assert ResponseClock.objects.get(reference=one.reference).pk > COUNTED


def test_threads__as_the_database_shows_them__date_no_word_without_a_name() -> None:
    """Keys of steps and messages stand in no order, and those with a name leave no gap for one without."""
    estate, now = make.make_estate(), clock.now()
    resident = make.make_resident(home=make.make_home(estate=estate))
    written = FeedbackContent(estate, "complaint", "太吵了")
    clerk = make.make_staff(estate=estate)
    named = actions.send_named(content=written, resident=resident, by=resident, key=uuid4(), now=now)
    nameless = actions.send_anonymous(content=written, code=CODE, now=now)
    for turn in range(8):
        for feedback, by in ((named, resident), (nameless, None)):
            row = Feedback.objects.get(pk=feedback.pk)
            actions.add_words(feedback=row, by=by, words=f"第{turn}次", now=now)
    for rows in (FeedbackMessage.objects.all(), FeedbackChange.objects.all()):
        assert all(key > COUNTED for key in rows.values_list("pk", flat=True))
    keys = list(FeedbackMessage.objects.order_by("at", "position").values_list("pk", flat=True))
    assert keys != sorted(keys)
    for feedback in (named, nameless):
        said = [(one.position, one.words) for one in feedback.messages.all()]
        assert said == [(turn, f"第{turn}次") for turn in range(8)]
    assert FeedbackChange._meta.pk.get_internal_type() == "BigIntegerField", (
        "the database counts none of them"
    )
    actions.ask_solved(feedback=Feedback.objects.get(pk=nameless.pk), by=clerk, words="已处理", now=now)
    assert [one.to_status for one in nameless.history.all()] == ["new", "solved_asked"]


def test_rating__without_a_name__has_no_counted_key_and_its_follow_up_neither() -> None:
    feedback = make.make_feedback(code=CODE)
    clerk = make.make_staff(estate=feedback.estate)
    actions.ask_solved(feedback=feedback, by=clerk, words="已处理", now=clock.now())
    actions.confirm_solved(feedback=feedback, by=None, face=1, now=clock.now())
    follow_up = Feedback.objects.get(is_follow_up=True)
    assert min(Satisfaction.objects.get().pk, follow_up.pk) > COUNTED
    assert re.fullmatch(r"F-\d{6}-[5-9]\d{3}", follow_up.reference)
    assert not ReferenceCounter.objects.exists()
    assert (follow_up.created_at.minute, follow_up.created_at.second) == (0, 0)
    # Its clock does not run before it was heard.
    begun = ResponseClock.objects.get(reference=follow_up.reference).started_at
    assert begun - follow_up.created_at == timedelta(hours=1)


def test_back_office__shows_no_number_of_a_message_or_a_step() -> None:
    """They are counted, and so stand between those of others, which have a time."""
    feedback = make.make_feedback(code=CODE)
    actions.add_words(feedback=feedback, by=None, words="还有一件事", now=clock.now())
    manager = Client()
    manager.force_login(make.make_staff(role="manager", estate=feedback.estate))
    page = manager.get(f"/admin/feedback/feedback/{feedback.pk}/change/").content.decode()
    assert "还有一件事" in page
    assert not re.search(r'name="[^"]*-id"', page)
    assert not re.search(r"object \(\d+\)", page)
    answer = Client().post("/api/v1/feedback/by-code/", {"code": CODE}, content_type="application/json")
    assert "id" not in answer.json()["messages"][0]


def test_outbox__what_is_told_of_feedback__has_no_number_of_a_message_or_a_step() -> None:
    """Those of two that have a time would say when the nameless one between them was written."""
    feedback = make.make_feedback()
    clerk, now = make.make_staff(estate=feedback.estate), clock.now()
    actions.answer_feedback(feedback=feedback, by=clerk, words="去看看", now=now)
    actions.answer_feedback(feedback=feedback, by=clerk, words="在修了", now=now)
    actions.hand_over(feedback=feedback, by=clerk, department="manager", now=now)
    actions.ask_solved(feedback=feedback, by=clerk, words="修好了", now=now)
    actions.close_unanswered(feedback=feedback, now=now + timedelta(days=8))
    keys = list(OutboxMessage.objects.filter(channel="inbox").values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 4
    for key in keys:
        assert re.fullmatch(rf"feedback:{feedback.pk}:[0-9a-f]{{32}}", key)
    manager = Client()
    manager.force_login(make.make_staff(role="manager", estate=feedback.estate))
    for message in OutboxMessage.objects.all():
        page = manager.get(f"/admin/notifications/outboxmessage/{message.pk}/change/").content.decode()
        assert message.key not in page


def test_page_of_both_ways__what_is_sent_without_a_name__names_nobody() -> None:
    """Not even in what the browser sends, where a proxy or a report of an error might keep it."""
    resident = make.make_resident(home=make.make_home())
    client = Client()
    client.force_login(resident)
    begun = client.get("/feedback/new/", {"kind": "complaint"})
    asked = client.post("/feedback/new/", {"sealed": begun.context["sealed"], "words": "太吵了"})
    page = asked.content.decode()
    form = page[page.index('action="/feedback/without-name/"') :].partition("</form>")[0]
    assert 'name="for"' not in form
    # The seal is opaque: neither the code nor whose it is can be read in it before it is shown.
    for sealed in (begun.context["sealed"], asked.context["sealed"], asked.context["sealed_without_name"]):
        assert re.fullmatch(r"\w+:[A-Za-z0-9+/=]+", sealed)
    assert begun["Cache-Control"] == asked["Cache-Control"] == "private, no-store"


def test_first_page_of_the_week__puts_off_no_session() -> None:
    """The new end of a session is the moment of the visit and two weeks."""
    client = Client()
    client.force_login(make.make_resident(home=make.make_home()))
    session = client.session
    session[WEEK] = "long ago"
    session.save()
    before = Session.objects.values().get()
    for address in ("/feedback/new/", "/feedback/code/", "/feedback/code/thread/"):
        client.get(address)
    client.post("/feedback/without-name/", {"sealed": "x"})
    client.post("/feedback/code/", {"code": CODE})
    assert Session.objects.values().get() == before
    client.get("/feedback/")
    assert Session.objects.values().get() != before


@pytest.fixture
def log() -> Any:
    """What the console would show."""
    shown = io.StringIO()
    handler = logging.StreamHandler(shown)
    handler.addFilter(NoTrace())
    logging.getLogger().addHandler(handler)
    yield shown
    logging.getLogger().removeHandler(handler)


def test_log__of_what_is_refused__has_no_line(log: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.post("/feedback/without-name/", {"sealed": "x"})
    client.post("/feedback/code/", {"code": "x"})
    client.get(f"/feedback/code/pictures/{uuid4()}/small/")
    client.get("/feedback/new/", {"estate": "0"})
    client.put("/feedback/code/")
    client.post("/api/v1/feedback/by-code/", {"code": "X"}, content_type="application/json")
    client.post("/api/v1/feedback/without-name/", {}, content_type="application/json")
    assert log.getvalue() == ""
    # Of another page it has.
    client.get("/feedback/999999999/nothing/")
    client.get("/nowhere/")
    assert "/nowhere/" in log.getvalue()


def test_log__the_settings_filter_it() -> None:
    console = settings.LOGGING["handlers"]["console"]
    filters = [settings.LOGGING["filters"][name]["()"] for name in console["filters"]]
    assert f"{NoTrace.__module__}.{NoTrace.__qualname__}" in filters


@pytest.mark.parametrize(
    "address",
    ["/feedback/new/", "/feedback/without-name/", "/feedback/code/", "/api/v1/feedback/without-name/"],
)
def test_report_of_an_error__holds_nothing_that_was_typed(address: str, monkeypatch: Any) -> None:
    """Whoever reads it would see the words beside the address and the session of the request."""
    seen: list[Any] = []

    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    for name in ("services.feedback.views.questions._draft", "services.feedback.thread_codes.find_thread"):
        monkeypatch.setattr(name, breaks)
    monkeypatch.setattr("services.feedback.actions.store_loose_pictures", breaks)
    got_request_exception.connect(lambda request, **_more: seen.append(request), weak=False, dispatch_uid="t")
    client = Client(raise_request_exception=False)
    estate = make.make_estate()
    data = {"sealed": "x", "words": "太吵了", "code": CODE, "estate": estate.pk, "kind": "complaint"}
    try:
        assert client.post(address, data).status_code == 500
    finally:
        got_request_exception.disconnect(dispatch_uid="t")
    shown = SafeExceptionReporterFilter().get_post_parameters(seen[0])
    assert shown
    assert set(shown.values()) == {SafeExceptionReporterFilter.cleansed_substitute}


def _traceless(resolver: Any = None, before: str = "/") -> list[str]:
    found = []
    for one in (resolver or get_resolver()).url_patterns:
        route = before + str(one.pattern).removeprefix("^")
        if isinstance(one, URLResolver):
            found += _traceless(one, route)
        elif isinstance(one, URLPattern) and is_traceless(one.callback):
            found.append(route)
    return found


def test_nginx__writes_no_line_of_any_page_that_leaves_no_trace() -> None:
    text = NGINX.read_text()
    blocks = re.findall(r"location (/\S*) \{(.*?)\n  \}", text, re.DOTALL)
    silent = [path for path, body in blocks if "access_log off;" in body]
    mute = [path for path, body in blocks if "error_log /dev/null" in body]
    addresses = _traceless()
    assert len(addresses) >= 12
    for address in addresses:
        assert address.startswith(tuple(silent)), address
        assert address.startswith(tuple(mute)), address
    # What such a page loads, and the sockets that say how long one was open.
    assert {"/static/", "/live/", "/speech/"} <= set(silent)
    assert reverse("feedback_send").startswith(tuple(silent))


def test_manager__is_told_of_all_at_once_when_the_hour_is_over() -> None:
    estate = make.make_estate()
    manager = make.make_staff(role="manager", estate=estate)
    clerk = make.make_staff(estate=estate)
    now = clock.now()
    for n in (2, 3):
        feedback = make.make_feedback(estate=estate, code=f"{CODE[:-1]}{n}", times_reopened=1)
        actions.ask_solved(feedback=feedback, by=clerk, words="已处理", now=now)
        actions.say_not_solved(feedback=feedback, by=None, words="没有", now=now)
    assert actions.notify_managers_of_anonymous(now=now) == 0
    assert actions.notify_managers_of_anonymous(now=now + timedelta(hours=1)) == 2
    assert actions.notify_managers_of_anonymous(now=now + timedelta(hours=2)) == 2
    assert OutboxMessage.objects.filter(recipient=manager, template="feedback_escalated").count() == 2
