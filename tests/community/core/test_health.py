"""Whether a process answers, whether it can work, and what whoever watches the servers is told."""

import json
import logging
from datetime import timedelta

import pytest
import requests
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse

from community.core import broker, clock, health, logs, metrics, request_numbers
from community.core.services import all_on
from community.notifications.models import OutboxMessage
from tests import factories as make
from tests.support.processes import environment, running_web

TOKEN = "a-token-of-the-tests-0123456789"


def asked(**headers: str) -> HttpResponse:
    return metrics.metrics(RequestFactory().get("/metrics/", headers=headers))


def test_live__needs_nothing(client):
    assert client.get("/health/live/").content == b"ok\n"


@pytest.mark.django_db
def test_ready__with_everything__200(client):
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "database": True, "tables": True, "redis": True, "disk": True},
    )


@pytest.mark.django_db
def test_ready__a_table_is_missing__503(client):
    newest = MigrationRecorder.Migration.objects.filter(app="help").order_by("-name").first()
    newest.delete()
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()["tables"]) == (503, False)


@pytest.mark.django_db
def test_ready__without_redis_or_room__still_in_service_and_said(client, monkeypatch, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nothing.sock"
    monkeypatch.setattr(health, "LEAST_FREE", 10**18)
    answer = client.get("/health/ready/")
    assert answer.status_code == 200
    assert (answer.json()["redis"], answer.json()["disk"]) == (False, False)


@pytest.mark.django_db
def test_ready__without_database__503(client, monkeypatch):
    def gone(*args: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(health.connection, "cursor", gone)
    monkeypatch.setattr(health, "MigrationExecutor", gone)
    assert client.get("/health/ready/").status_code == 503


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer other", TOKEN, f"Basic {TOKEN}", "Bearer 中文"])
def test_metrics__without_the_token__not_there(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics/", headers={"Authorization": given}).status_code == 404


@pytest.mark.django_db
def test_metrics__no_token_is_set__not_there_for_an_empty_one(client):
    assert client.get("/metrics/", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_metrics__what_waits__asked_anew(settings):
    settings.METRICS_TOKEN = TOKEN
    now = clock.now()
    OutboxMessage.objects.create(
        key="k",
        channel="sms",
        recipient=make.make_resident(),
        template="handover",
        next_try_at=now,
        created_at=now - timedelta(minutes=5),
    )
    said = asked(Authorization=f"Bearer {TOKEN}").content.decode()
    assert 'linli_outbox_waiting{channel="sms"} 1.0' in said
    age = next(
        line for line in said.splitlines() if line.startswith('linli_outbox_oldest_seconds{channel="sms"}')
    )
    assert 300 <= float(age.split()[1]) < 310
    assert 'linli_tasks_waiting{queue="urgent"} 0.0' in said
    declared = {metric.name for one in all_on() if one.metrics for metric in one.metrics(now)}
    assert declared >= {"linli_help_answer_seconds", "linli_answers_late", "linli_matching_late_days"}
    assert all(f"# HELP {name} " in said for name in declared)


@pytest.mark.django_db
def test_waiting__a_task_in_a_queue__counted(settings):
    key = f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}bulk"
    broker._client(settings.REDIS_URL).rpush(key, "{}")
    try:
        assert broker.waiting_tasks()["bulk"] == 1
    finally:
        broker._client(settings.REDIS_URL).delete(key)


def sample(name: str, **labels: str) -> float:
    return metrics.OURS.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db
def test_requests__counted_by_view__without_traces_not(client, settings):
    settings.METRICS_TOKEN = TOKEN
    middleware = metrics.MetricsMiddleware(
        lambda request: client.get(request.path).wsgi_request and HttpResponse()
    )
    before = sample("linli_requests_total", view="?", method="GET", status="200")
    request = RequestFactory().get("/x/")
    request.resolver_match = None
    middleware(request)
    assert sample("linli_requests_total", view="?", method="GET", status="200") == before + 1

    for address in ("/typed/", reverse("feedback_by_code")):
        request = RequestFactory().get(address)
        request.resolver_match = match = resolve(address)
        metrics.MetricsMiddleware(lambda request: HttpResponse())(request)
        assert not sample("linli_requests_total", view=match.view_name, method="GET", status="200")


def test_steps__of_what_somebody_without_a_name_does__are_not_counted():
    from services.feedback.models import FeedbackChange
    from services.repairs.models import RepairChange

    assert RepairChange.is_counted
    assert not FeedbackChange.is_counted


@pytest.mark.django_db
def test_act__committed__counted_and_rolled_back__not(django_capture_on_commit_callbacks):
    from community.core import audit

    before = sample("linli_acts_total", act="signed_in", outcome="ok")
    with django_capture_on_commit_callbacks(execute=True):
        audit.record("signed_in", by=None)
    audit.record("signed_in", by=None)
    assert sample("linli_acts_total", act="signed_in", outcome="ok") == before + 1


@pytest.mark.django_db
def test_request__has_a_number__the_proxy_s_if_it_brings_one(client):
    own = client.get("/sign-in/").headers["X-Request-ID"]
    assert request_numbers.GIVEN.fullmatch(own)
    assert client.get("/sign-in/").headers["X-Request-ID"] != own
    given = {"X-Request-ID": "0123456789abcdef"}
    assert client.get("/sign-in/", headers=given).headers["X-Request-ID"] == "0123456789abcdef"
    assert client.get("/sign-in/", headers={"X-Request-ID": "<b>\n"}).headers["X-Request-ID"] != "<b>\n"


@pytest.mark.django_db
def test_request__to_a_page_without_traces__has_none(client):
    for address in (reverse("feedback_by_code"), reverse("health_live")):
        assert "X-Request-ID" not in client.get(address).headers


def test_number__reaches_the_task_and_its_lines():
    token = logs.request_number.set("0123456789abcdef")
    headers: dict[str, str] = {}
    request_numbers.send_along(headers=headers)
    logs.request_number.reset(token)
    task = type("Task", (), {"request": type("Request", (), headers)})
    request_numbers.take_up(task=task)
    try:
        record = logging.LogRecord("x", logging.WARNING, "", 0, "word %s", ("one",), None)
        assert logs.NumberedLines().filter(record)
        line = json.loads(logs.JsonLines().format(record))
        assert (line["request"], line["message"], line["level"]) == (
            "0123456789abcdef",
            "word one",
            "WARNING",
        )
    finally:
        request_numbers.put_down()
    assert logs.request_number.get() == ""


@pytest.mark.django_db(transaction=True)
def test_metrics__of_two_processes__added_up(tmp_path):
    ours = {"METRICS_TOKEN": TOKEN, "METRICS_DIR": str(tmp_path / "metrics")}
    with running_web(environment() | ours, tmp_path, workers=2) as address:
        for _each in range(12):
            requests.get(f"{address}/privacy/", timeout=20)
        for _each in range(4):
            said = requests.get(
                f"{address}/metrics/", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20
            ).text
            assert 'linli_requests_total{method="GET",status="200",view="privacy"} 12.0' in said
            assert 'linli_request_seconds_count{part="residents"}' in said
