"""Numbers for Prometheus: what this server answers and does, counted as it happens, and what waits, asked anew.

Counted are requests, acts of the audit record and steps of all histories; on pages without traces nothing is. Each
process counts in a file of its own in ``METRICS_DIR``, and whichever is asked adds them up. Without
``METRICS_TOKEN`` nothing is counted and the address is not there.
"""

import os
import time
from collections.abc import Callable, Iterator
from hmac import compare_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from community.core import broker, clock
from community.core.locked import works_while_locked
from community.core.services import all_on
from community.core.services.metrics import Metric
from community.core.traces import is_traceless, leaves_no_trace

if settings.METRICS_TOKEN:
    # The library looks for it once, when it is loaded.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.METRICS_DIR))
    Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

OURS = CollectorRegistry()
REQUESTS = Counter("linli_requests", "Requests answered", ["view", "method", "status"], registry=OURS)
SECONDS = Histogram(
    "linli_request_seconds",
    "Time to answer a request",
    ["part"],
    buckets=(0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
    registry=OURS,
)
ACTS = Counter("linli_acts", "Records of the audit record", ["act", "outcome"], registry=OURS)
STEPS = Counter("linli_steps", "Steps of what is tracked by state", ["kind", "to"], registry=OURS)
SOCKETS = Gauge("linli_sockets", "Open live connections", multiprocess_mode="livesum", registry=OURS)
PARTS = (("/api/", "api"), ("/admin/", "back_office"), ("/staff/", "staff"), ("/live", "live"))


class MetricsMiddleware:
    """Counts answers by view, method and status, and their time by part of the product."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or not is_traceless(match.func):
            view = (match.view_name or "?") if match is not None else "?"
            REQUESTS.labels(view, request.method, str(response.status_code)).inc()
            SECONDS.labels(part_of(request.path)).observe(time.perf_counter() - began)
        return response


def part_of(path: str) -> str:
    """Returns the part of the product to which a path belongs."""
    return next((part for begin, part in PARTS if path.startswith(begin)), "residents")


def count_act(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """Counts a record of the audit record once it is committed; receives the saved rows."""
    if created:
        act, outcome = instance.action, instance.outcome
        transaction.on_commit(lambda: ACTS.labels(act, outcome).inc(), robust=True)


def count_step(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """Counts a step of any history once it is committed; receives the saved rows."""
    if created:
        kind, to = sender._meta.label_lower, instance.to_status
        transaction.on_commit(lambda: STEPS.labels(kind, to).inc(), robust=True)


@require_safe
@works_while_locked
@leaves_no_trace
def metrics(request: HttpRequest) -> HttpResponse:
    """Answers in Prometheus's text format to whoever brings ``METRICS_TOKEN``; to all others there is nothing."""
    given = request.headers.get("Authorization", "").encode()
    if not settings.METRICS_TOKEN or not compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Http404
    registry = CollectorRegistry()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        _forget_dead(Path(folder))
        MultiProcessCollector(registry)
    registry.register(_Waiting())
    counted = b"" if folder else generate_latest(OURS)
    return HttpResponse(counted + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _forget_dead(folder: Path) -> None:
    """Takes open connections of processes that are gone out of the sum."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            mark_process_dead(int(pid))


class _Waiting(Collector):
    """Asks the queues of tasks and all that apps and services declare."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = clock.now()
        waiting = [({"queue": queue}, number) for queue, number in broker.waiting_tasks().items()]
        declared = [metric for one in all_on() if one.metrics for metric in one.metrics(now)]
        for metric in (Metric("linli_tasks_waiting", "Tasks in a queue", waiting), *declared):
            values = list(metric.values)
            names = sorted({name for labels, _value in values for name in labels})
            family = GaugeMetricFamily(metric.name, metric.help, labels=names)
            for labels, value in values:
                family.add_metric([labels.get(name, "") for name in names], value)
            yield family
