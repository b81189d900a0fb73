"""What is deleted every night by itself, and the report of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from community.core import clock, retention, sealed_files
from community.core.models import ExportFile, RetentionDay
from community.core.services import Retention
from community.core.tasks import carry_out_retention
from community.desk.models import Presence
from community.notifications.models import InboxNotice, OutboxMessage
from tests import factories as make
from tests.support import second_factor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_retention__of_every_kind__deletes_the_old_and_writes_the_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person, now = make.make_resident(), clock.now()
    for days in (1, 400):
        old = {"template": "residency_approved", "params": {"home": "501"}, "created_at": now - days * DAY}
        InboxNotice.objects.create(user=person, key=f"n{days}", **old)
        OutboxMessage.objects.create(
            recipient=person, key=f"n{days}", channel="sms", status="sent", next_try_at=now, **old
        )
        Presence.objects.create(user=person, day=clock.today(now - days * DAY), mode="standard")
    failing = Retention("failing", "x", "y", lambda now: 1 // 0)
    kinds = retention.retentions()
    monkeypatch.setattr(retention, "retentions", lambda: [failing, *kinds])
    assert carry_out_retention() >= 3
    assert carry_out_retention() == 0
    for model in (InboxNotice, OutboxMessage, Presence):
        assert model.objects.count() == 1, model
    report = {line.kind: (line.removed, line.failures, line.error) for line in RetentionDay.objects.all()}
    assert report["old_notices"] == report["sent_messages"] == report["presence"] == (1, 0, "")
    assert report["failing"] == (0, 2, "ZeroDivisionError")
    assert {"sessions", "unverified_people", "read_aloud", "orphaned_files"} <= set(report)


def test_orphaned_files__without_a_row__go__and_those_of_rows_and_young_ones_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person, now = make.make_resident(), clock.now()
    kept = sealed_files.keep(b"a copy")
    ExportFile.objects.create(
        asked_by=person,
        page="/",
        language="en",
        title="x",
        file_name="x",
        right="x",
        stored=kept,
        status="ready",
        status_changed_at=now,
        created_at=now,
    )
    lost = [sealed_files.keep(b"lost"), default_storage.save("pictures/f00-small.jpg", ContentFile(b"lost"))]
    assert retention.delete_orphaned_files(now=now) == 0, "a file is stored before its row"
    assert retention.delete_orphaned_files(now=now + 3 * DAY) >= len(lost)
    assert default_storage.exists(kept)
    assert not any(default_storage.exists(name) for name in lost)


def test_report__is_read_by_the_auditor_in_the_back_office() -> None:
    carry_out_retention()
    auditor = make.make_staff(role="auditor")
    client = Client()
    second_factor.sign_in(client, auditor)
    page: Any = client.get("/admin/core/retentionday/")
    assert page.status_code == 200
    assert "过期" in page.content.decode()
