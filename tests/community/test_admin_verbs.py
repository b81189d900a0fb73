"""The back office's buttons: each calls the action that every other door calls."""

from django.urls import reverse

from accounts.models import Administration, Residency, StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Estate
from community.notifications.models import OutboxMessage
from tests import factories as make
from tests.community.admin_pages import page_of, signed_in, verb_of

Role = StaffRole.Role


def test_repair__its_state__is_no_field_of_a_form(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    assert signed_in(manager).post(page_of(repair), {"status": "closed"}).status_code == 403
    repair.refresh_from_db()
    assert repair.status == "new"


def test_repair__assign_button__moves_it_through_the_action(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=estate, name="张师傅")
    client = signed_in(manager)
    assert "张师傅" in client.get(verb_of(repair, "assign_repair")).content.decode()
    answer = client.post(verb_of(repair, "assign_repair"), {"worker": worker.pk, "_form_submitted": "on"})
    assert answer["HX-Redirect"] == page_of(repair)
    repair.refresh_from_db()
    assert (repair.status, repair.worker) == ("assigned", worker)
    assert repair.history.last().actor == manager


def test_repair__illegal_move__says_why_and_changes_nothing(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home), status="cancelled")
    client = signed_in(manager)
    answer = client.post(verb_of(repair, "accept_repair"), {"_form_submitted": "on"}, follow=False)
    assert answer.status_code == 200
    shown = client.get(page_of(repair))
    assert [str(message) for message in shown.context["messages"]]
    repair.refresh_from_db()
    assert repair.status == "cancelled"


def test_repair__verbs_are_taken_by_post_only(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    signed_in(manager).get(verb_of(repair, "accept_repair"))
    repair.refresh_from_db()
    assert repair.status == "new"


def test_repair__strangers_verb__is_not_there(estate: Estate, manager: User) -> None:
    home = make.make_home()
    repair = make.make_repair(home=home, resident=make.make_resident(home=home))
    for send in (signed_in(manager).get, signed_in(manager).post):
        assert send(verb_of(repair, "accept_repair")).status_code == 404


def test_residency__approve_button__confirms_the_person(estate: Estate, manager: User) -> None:
    home = make.make_home(estate=estate)
    asked = make.make_residency(user=make.make_user(), home=home, status=Residency.Status.REQUESTED)
    url = reverse("admin:accounts_residency_approve_residency", args=[asked.pk])
    signed_in(manager).post(url, {"_form_submitted": "on"})
    asked.refresh_from_db()
    assert asked.status == Residency.Status.ACTIVE


def test_outbox__failed_message__is_sent_again_by_the_manager(estate: Estate, manager: User) -> None:
    now = clock.now()
    message = OutboxMessage.objects.create(
        key="k",
        channel="sms",
        recipient=make.make_resident(home=make.make_home(estate=estate)),
        template="repair_done",
        params={"reference": "R-1", "what": "漏水", "worker": "", "fen": 0},
        status="failed",
        next_try_at=now,
        created_at=now,
    )
    url = reverse("admin:notifications_outboxmessage_send_again", args=[message.pk])
    signed_in(manager).post(url, {"_form_submitted": "on"})
    message.refresh_from_db()
    assert message.status != "failed"


def test_audit_record__is_read_only_for_the_audit_administrator_too(db: None) -> None:
    client = signed_in(make.make_administrator(Administration.AUDIT))
    AuditRecord.objects.create(action="test", outcome="ok", at=clock.now())
    record = AuditRecord.objects.get(action="test")
    assert client.get(page_of(record)).status_code == 200
    assert client.post(page_of(record), {"action": "forged"}).status_code == 403
    assert client.post(page_of(record) + "../delete/").status_code in (403, 404)
