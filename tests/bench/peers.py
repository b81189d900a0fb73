"""Two peers with rows like ours, each in a project of its own: run by ``test_peers`` with their interpreter.

``python peers.py helpdesk 10000`` or ``appointment 50``; ``PEERS_DATABASE`` is Django's setting of an empty
database, as JSON. Prints what it measured as JSON.
"""

import json
import os
import random
import statistics
import sys
import threading
import time
from datetime import time as at
from datetime import timedelta
from types import ModuleType
from typing import Any

import django
from django.conf import settings
from django.urls import include, path

ROUNDS = 15


def main() -> None:
    peer, number = sys.argv[1], int(sys.argv[2])
    _configure(peer)
    from django.core.management import call_command

    # First what tables without migrations point to.
    call_command("migrate", "auth", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    print(json.dumps({"helpdesk": _helpdesk, "appointment": _appointment}[peer](number)))


def _configure(peer: str) -> None:
    contrib = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles", "sites", "humanize")
    own = ["rest_framework", "helpdesk"] if peer == "helpdesk" else ["appointment"]
    middleware = ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware")
    processors = ("auth.context_processors.auth", "messages.context_processors.messages")
    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": json.loads(os.environ["PEERS_DATABASE"])},
        INSTALLED_APPS=[*(f"django.contrib.{one}" for one in contrib), *own],
        MIDDLEWARE=[
            *(f"django.contrib.{one}" for one in middleware),
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        *(f"django.contrib.{one}" for one in processors),
                    ]
                },
            }
        ],
        ROOT_URLCONF="peer_urls",
        STATIC_URL="/static/",
        SITE_ID=1,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        LOGGING_CONFIG=None,
        HELPDESK_TEAMS_MODE_ENABLED=False,
        # It comes without migrations.
        MIGRATION_MODULES={"appointment": None},
    )
    django.setup()
    urls = ModuleType("peer_urls")
    urls.urlpatterns = [path("peer/", include(f"{peer}.urls"))]  # type: ignore[attr-defined]
    sys.modules["peer_urls"] = urls


def _helpdesk(tickets: int) -> dict[str, Any]:
    """Milliseconds of processor and queries of the list with its rows, and of the report by queue and status."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone
    from helpdesk.models import Queue, Ticket
    from helpdesk.query import query_to_base64

    draw, now = random.Random(7), timezone.now()  # noqa: TID251  (a peer knows no clock of ours)
    staff = get_user_model().objects.create_superuser("staff", "staff@example.com", "x")
    queues = [Queue.objects.create(title=f"q{number}", slug=f"q{number}") for number in range(6)]
    Ticket.objects.bulk_create(
        [
            Ticket(
                queue=draw.choice(queues),
                title="水龙头一直滴水",
                description="厨房的水龙头关不紧",
                submitter_email="a@example.com",
                assigned_to=staff,
                status=draw.choice([1, 2, 3, 4, 4, 4, 4]),
                created=now - timedelta(minutes=draw.randrange(500_000)),
            )
            for _number in range(tickets)
        ],
        batch_size=2000,
    )
    client = Client()
    client.force_login(staff)
    query = query_to_base64({"filtering": {}, "sorting": "created", "sortreverse": True, "search_string": ""})
    columns = "draw=1&start=0&length=25&order[0][column]=0&order[0][dir]=desc&search[value]="
    pages = {
        "list": ["/peer/tickets/", f"/peer/datatables_ticket_list/{query}?{columns}"],
        "report": ["/peer/reports/queuestatus/"],
    }
    measured = {}
    for name, addresses in pages.items():
        taken = []
        for _round in range(ROUNDS):
            began = time.perf_counter()
            with CaptureQueriesContext(connection) as asked:
                for address in addresses:
                    answer = client.get(address)
                    assert answer.status_code == 200, (address, answer.status_code, answer.content[:300])
            taken.append((time.perf_counter() - began) * 1000)
        measured[name] = {"ms": statistics.median(taken), "least_ms": min(taken), "queries": len(asked)}
    return measured


def _appointment(at_once: int) -> dict[str, Any]:
    """How many of so many people who book the same half hour of one person at once are told that they have it."""
    from appointment.models import Appointment, AppointmentRequest, Service, StaffMember
    from django.contrib.auth import get_user_model
    from django.db import connections
    from django.test import Client
    from django.utils import timezone

    people = get_user_model().objects
    service = Service.objects.create(name="上门", duration=timedelta(minutes=30), price=0)
    member = StaffMember.objects.create(user=people.create_user("carer", "c@example.com", "x"))
    member.services_offered.add(service)
    clients = []
    for number in range(at_once):
        person = people.create_user(f"u{number}", f"u{number}@example.com", "x")
        client = Client()
        client.force_login(person)
        clients.append(client)
    slot = {
        "date": timezone.localdate() + timedelta(days=7),
        "start_time": at(9),
        "end_time": at(9, 30),
        "service": service.pk,
        "staff_member": member.pk,
    }
    start, answers = threading.Barrier(at_once), []

    def book(number: int) -> None:
        client = clients[number]
        start.wait()
        try:
            asked = client.post("/peer/request-submit/", slot)
            told = {
                "name": f"u{number}",
                "phone_0": "US",
                "phone_1": "2025550123",
                "address": "4-1-602",
                "payment_type": "full",
            }
            booked = client.post(asked.headers["Location"], told) if asked.status_code == 302 else asked
            answers.append(booked.status_code)
        except Exception as error:  # noqa: BLE001  (an answer of the peer as good as another)
            answers.append(repr(error)[:80])
        finally:
            connections.close_all()

    began = time.perf_counter()
    threads = [threading.Thread(target=book, args=[number]) for number in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "seconds": time.perf_counter() - began,
        "told": answers.count(302),
        "booked": Appointment.objects.count(),
        "asked": AppointmentRequest.objects.count(),
        "answers": sorted({str(one) for one in answers}),
    }


if __name__ == "__main__":
    main()
