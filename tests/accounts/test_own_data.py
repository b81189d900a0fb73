"""One's own data: seen, taken along and deleted, through the declarations of all services."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Erasure, User
from accounts.own_data import erasing
from accounts.own_data.rows import declared_rows, model_of
from accounts.tasks import carry_out_erasures
from community.core import audit, audit_check, clock
from community.core.audit_seals import seal_records
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord, ExportFile, SearchKey
from community.core.tasks import make_export
from community.notifications import sms
from services.fees.models import Payment
from services.fees.reconciliation import differences
from tests import factories as make
from tests.support.lives import found_anywhere, make_life, stored_files

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def erased(person: User) -> Erasure:
    """Deletes the person as they and the nightly task do."""
    now = clock.now()
    erasure = actions.ask_erasure(person=person, by=person, now=now)
    assert actions.carry_out_erasures(now=now + 8 * DAY) == 1
    erasure.refresh_from_db()
    return erasure


def copy_of(person: User) -> dict[str, Any]:
    """Returns the person's copy: its JSON, and under "" its files."""
    client = Client()
    client.force_login(person)
    session = client.session
    session["fresh_code_given_at"] = clock.now().timestamp()
    session.save()
    client.post(reverse("own_copy"))
    export = ExportFile.objects.own_data().get(asked_by=person)
    make_export(export.pk)
    export.refresh_from_db()
    assert export.status == ExportFile.Status.READY
    file = client.get(reverse("own_copy_file", args=[export.pk]))
    packed = zipfile.ZipFile(io.BytesIO(file.content))
    return {**json.loads(packed.read("data.json")), "": packed.namelist()}


def test_erase_one_and_export_another__the_schema_and_the_media_hold_the_one_nowhere_and_the_other_wholly(
    django_capture_on_commit_callbacks: Any,
) -> None:
    gone, stays = make_life(name="欧阳慧兰", mark="甲午"), make_life(name="司徒明远", mark="乙未")
    client = Client()
    client.force_login(gone.person)
    audit.record("sign_in", by=gone.person, target=gone.person)
    seal_records(now=clock.now())
    paid = Payment.objects.get(payer=gone.person)
    traces, before = gone.traces(), stored_files()
    assert set(gone.files) <= set(before)
    assert len({one.split(": ")[1] for one in found_anywhere(traces)}) == len(traces), (
        "each is somewhere before"
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert erased(gone.person).status == Erasure.Status.DONE
    assert found_anywhere(traces) == []
    assert set(before) - set(stored_files()) == set(gone.files)
    assert not SearchKey.objects.filter(kind="person", row=gone.person.pk).exists()
    assert client.get(reverse("me")).status_code == 302, "signed out"
    # The books and the record stay, and lead to a person without a name.
    assert list(differences()) == []
    call_command("check_ledger")
    seal_records(now=clock.now())
    assert list(audit_check.problems(now=clock.now())) == []
    paid.refresh_from_db()
    assert (paid.payer_id, paid.payer.name, paid.payer.phone_index) == (gone.person.pk, "", None)
    assert AuditRecord.objects.filter(actor=gone.person).exists()
    copied = copy_of(stays.person)
    text = json.dumps(copied, ensure_ascii=False)
    assert [one for one in stays.traces() if one not in text] == []
    assert {name.rpartition("/")[2] for name in copied[""]} >= {
        name.rpartition("/")[2] for name in stays.files if not name.endswith(("-small.jpg", "-medium.jpg"))
    }
    assert stays.delegate.delegate.phone_national not in text
    assert stays.delegate.delegate.name not in text


def test_erase__interrupted__goes_on_with_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    life = make_life(name="欧阳慧兰", mark="甲午")
    traces, now = life.traces(), clock.now()
    erasure = actions.ask_erasure(person=life.person, by=life.person, now=now)
    with monkeypatch.context() as broken:
        broken.setattr(erasing, "_forget_messages", lambda person: 1 / 0)
        assert actions.carry_out_erasures(now=now + 8 * DAY) == 0
    erasure.refresh_from_db()
    assert erasure.status == Erasure.Status.RUNNING
    with pytest.raises(ActionError):
        actions.drop_erasure(erasure=erasure, by=life.person, now=now)
    assert actions.carry_out_erasures(now=now + 8 * DAY) == 1
    assert found_anywhere(traces) == []
    assert actions.carry_out_erasures(now=now + 9 * DAY) == 0


def test_erase__while_something_is_open__says_what_ends_it(client: Client) -> None:
    person = make.make_resident()
    home = person.residencies.get().home
    make.make_repair(home=home, resident=person)
    make.make_bill(home=home)
    client.force_login(person)
    page = client.get(reverse("delete_me")).content.decode()
    assert reverse("repairs") in page
    assert reverse("fees") in page
    with pytest.raises(ActionError) as refused:
        actions.ask_erasure(person=person, by=person, now=clock.now())
    assert refused.value.code == "still_open"


def test_erase__something_begins_in_the_days_of_grace__waits_another_day() -> None:
    person, now = make.make_resident(), clock.now()
    erasure = actions.ask_erasure(person=person, by=person, now=now)
    make.make_repair(home=person.residencies.get().home, resident=person)
    assert actions.carry_out_erasures(now=now + 8 * DAY) == 0
    erasure.refresh_from_db()
    assert (erasure.status, erasure.due_at) == (Erasure.Status.WAITING, now + 9 * DAY)
    actions.drop_erasure(erasure=erasure, by=person, now=now)
    assert carry_out_erasures() == 0
    person.refresh_from_db()
    assert person.name


def test_delete_me__needs_a_fresh_code__and_can_be_taken_back(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, sent = make.make_resident(), []
    monkeypatch.setattr(sms, "send_code", lambda phone, code, **rest: sent.append(code))
    client.force_login(person)
    page = reverse("delete_me")
    asked = client.post(page)
    assert asked.url.startswith(reverse("fresh_code"))
    assert not Erasure.objects.exists()
    client.post(asked.url)
    wrong = "000000" if sent[0] != "000000" else "111111"
    assert client.post(asked.url, {"code": wrong}).status_code == 422
    assert client.post(asked.url, {"code": sent[0]}).url == page
    client.post(page)
    assert Erasure.objects.get().status == Erasure.Status.WAITING
    client.post(page, {"back": "1"})
    assert Erasure.objects.get().status == Erasure.Status.DROPPED


def test_erase__on_paper_at_the_desk__by_two_people() -> None:
    person, now = make.make_resident(), clock.now()
    estate = person.residencies.get().home.estate
    first, second = (make.make_staff(estate=estate) for _n in range(2))
    erasure = actions.ask_erasure(person=person, by=first, now=now)
    assert actions.carry_out_erasures(now=now + 30 * DAY) == 0
    with pytest.raises(Forbidden):
        actions.agree_to_erasure(erasure=erasure, by=first, now=now)
    with pytest.raises(Forbidden):
        actions.agree_to_erasure(erasure=erasure, by=make.make_staff(), now=now)
    actions.agree_to_erasure(erasure=erasure, by=second, now=now)
    assert actions.carry_out_erasures(now=now + 8 * DAY) == 1
    with pytest.raises(ActionError):
        actions.ask_erasure(person=first, by=first, now=now)


def test_my_data__says_what_is_held_and_who_looked__by_role(client: Client) -> None:
    person = make.make_resident()
    repair = make.make_repair(home=person.residencies.get().home, resident=person, status="closed")
    reader = make.make_staff(role="dispatcher", estate=repair.estate, name="上官云")
    audit.record("number_read", by=reader, target=repair, estate_id=repair.estate_id)
    client.force_login(person)
    for mode in ("standard", "large"):
        client.cookies["mode"] = mode
        page = client.get(reverse("my_data")).content.decode()
        assert reverse("repairs") in page
        assert "调度" in page
        assert "上官云" not in page


def test_copy__is_the_persons_alone_and_one_at_a_time(client: Client) -> None:
    person = make.make_resident()
    copy_of(person)
    export = ExportFile.objects.own_data().get()
    client.force_login(make.make_resident())
    assert client.get(reverse("own_copy_file", args=[export.pk])).status_code == 404
    client.force_login(person)
    assert client.get(reverse("export_download", args=[export.pk])).status_code == 404
    assert client.post(reverse("own_copy")).url.startswith(reverse("fresh_code"))
    ExportFile.objects.update(created_at=clock.now() - 2 * DAY)
    assert client.get(reverse("own_copy_file", args=[export.pk])).status_code == 404


@pytest.mark.once
def test_declared__every_row_with_a_person_of_every_app() -> None:
    """What apps below the services hold is declared as what services do."""
    ways: dict[str, set[str]] = {}
    for _app, one in declared_rows():
        ways.setdefault(one.model, set()).update(one.about, one.by)
    missing = [
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User and field.name not in ways.get(model._meta.label_lower, set())
    ]
    # The back office's own list, and the record, which is only stored.
    assert sorted(missing) == ["admin.logentry.user", "core.auditrecord.actor"]
    for _app, one in declared_rows():
        columns = {field.name for field in model_of(one)._meta.concrete_fields}
        assert {*one.plain, *one.others} <= columns, one.model
