"""The auditor's page: finds, goes on however long the list is, exports, and changes nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole
from community.core import audit, clock, tasks
from community.core.audit_kinds import KINDS
from community.core.models import AuditRecord, AuditSeal
from community.estates.models import Estate
from tests import factories as make
from tests.community.admin_pages import list_of, page_of, signed_in
from tests.support.tampering import in_sql, make_records, triggers_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Estate:
    return make.make_estate()


@pytest.fixture
def auditor(here: Estate) -> Client:
    return signed_in(make.make_staff(role=StaffRole.Role.AUDITOR, estate=here))


def found(client: Client, **asked: str) -> set[str]:
    page = client.get(list_of(AuditRecord), asked)
    return {row.action for row in page.context["cl"].result_list}


def test_list__by_kind_outcome_address_target_and_day__finds(here: Estate, auditor: Client) -> None:
    person = make.make_user(name="秦桂兰")
    audit.record("number_read", by=person, target=person, estate_id=here.pk, address="203.0.113.9")
    audit.record("fees.cash_taken", by=None, estate_id=here.pk, fen=100)
    audit.record("sign_in", by=None, estate_id=here.pk, outcome="wrong")
    assert found(auditor, kind="reads") == {"number_read"}
    assert found(auditor, kind="money") == {"fees.cash_taken"}
    assert found(auditor, outcome="wrong") == {"sign_in"}
    assert found(auditor, action="fees.cash_taken") == {"fees.cash_taken"}
    assert found(auditor, q="203.0.113.9") == {"number_read"}
    assert found(auditor, q=f"accounts.user:{person.pk}") == {"number_read"}
    assert found(auditor, q="桂兰") == {"number_read"}
    today = f"{clock.today(clock.now()):%Y-%m-%d}"
    assert len(found(auditor, at_from=today, at_to=today)) == 3
    assert found(auditor, at_to="2020-01-01") == set()


def test_kinds__every_condition__is_a_query() -> None:
    for kind in KINDS.values():
        assert AuditRecord.objects.filter(kind.condition).count() == 0


def test_list__longer_than_a_page__goes_on_by_number(here: Estate, auditor: Client) -> None:
    for _n in range(120):
        audit.record("sign_in", by=None, estate_id=here.pk)
    seen, address = [], list_of(AuditRecord)
    while address:
        page = auditor.get(address)
        seen += [row.pk for row in page.context["cl"].result_list]
        older = page.context["cl"].older
        address = list_of(AuditRecord) + older if older else ""
    assert len(seen) == len(set(seen)) >= 120
    assert seen == sorted(seen, reverse=True)
    assert auditor.get(list_of(AuditRecord) + "?before=x").status_code in (200, 302)


def test_list__shows_how_the_chain_stands(here: Estate, auditor: Client, settings, tmp_path) -> None:
    def page() -> str:
        return auditor.get(list_of(AuditRecord)).content.decode()

    assert "还没有封存" in page()
    settings.AUDIT_HEADS = [str(tmp_path / "heads")]
    [number] = make_records(1)
    tasks.seal_audit()
    assert tasks.check_audit() == 0
    assert "没有缺失、改动或添加" in page()
    with triggers_off():
        in_sql("DELETE FROM core_auditrecord WHERE id = %s", number)
    assert tasks.check_audit() == 1
    assert "有 1 处与封存时不同" in page()


def test_auditor__exports_and_changes_nothing(here: Estate, auditor: Client) -> None:
    audit.record("sign_in", by=None, estate_id=here.pk)
    row = AuditRecord.objects.latest("pk")
    assert auditor.get(reverse("admin:core_auditrecord_export")).status_code == 200
    assert auditor.post(page_of(row), {"outcome": "other"}).status_code == 403
    assert auditor.get(reverse("admin:core_auditrecord_add")).status_code == 403
    assert (
        auditor.post(reverse("admin:core_auditrecord_delete", args=[row.pk]), {"post": "yes"}).status_code
        == 403
    )
    row.refresh_from_db()
    assert row.outcome == "ok"
    assert AuditSeal.objects.count() == 0
