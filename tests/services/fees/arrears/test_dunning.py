"""Reminders: whom a round reaches, once even when killed, never at night; and printed letters."""

import io
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Residency
from community.core import clock
from community.core.errors import ActionError
from community.notifications.models import OutboxMessage
from services.fees.actions import ledger
from services.fees.arrears import letters, queries
from services.fees.arrears.actions import disputes, dunning
from services.fees.arrears.actions import homes as notes
from services.fees.models import DunningNotice, DunningRound, DunningRule
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_entrance,
    make_home,
    make_item,
    make_payment,
    make_resident,
)

pytestmark = pytest.mark.django_db
# Ten in the morning in China.
MORNING = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
DUE = date(2026, 10, 1)


def make_homes(count: int):
    """Creates homes with an overdue bill and an owner each, and the rule of their estate."""
    entrance = make_entrance()
    homes = [make_home(entrance=entrance, number=f"{number + 1}01") for number in range(count)]
    item = make_item(estate=homes[0].estate)
    for home in homes:
        make_bill(home=home, item=item, amount_fen=1_000, due_on=DUE, period=date(2026, 8, 1))
        make_resident(home=home)
    DunningRule.objects.create(estate=homes[0].estate)
    return homes


def start(homes, **more) -> DunningRound:
    estate = homes[0].estate
    given = {"building": None, "key": uuid4(), "by": make_cashier(estate=estate), "now": MORNING}
    return dunning.start_round(estate=estate, **(given | more))


def left_out(homes) -> dict[str, str]:
    rule = DunningRule.objects.get(estate=homes[0].estate)
    forecast = dunning.forecast_round(
        rule, building=None, by=make_cashier(estate=rule.estate), key=uuid4(), now=MORNING
    )
    found = queries.homes_to_remind(forecast, clock.today(MORNING))
    return dict(found.order_by("pk").values_list("number", "left_out"))


def test_round__each_reason__leaves_the_home_out() -> None:
    homes = make_homes(8)
    cashier = make_cashier(estate=homes[0].estate)
    notes.mark_hardship(home=homes[1], reason="低保", until_on=None, by=cashier, now=MORNING)
    disputes.raise_dispute(bill=homes[2].bills.get(), words="不对", resident=None, by=cashier, now=MORNING)
    make_payment(bills=[homes[3].bills.get()], payer=homes[3].residencies.get().user)
    account = ledger.prepayment(homes[4], homes[4].estate.pk)
    account.held_fen = 1_000
    account.save()
    bill = {"estate": homes[5].estate, "home": homes[5], "amount_fen": 1, "bills": 1, "by": cashier}
    DunningNotice.objects.create(channel="letter", at=MORNING - timedelta(days=29), **bill)
    homes[6].residencies.update(status=Residency.Status.ENDED)
    homes[7].residencies.update(kind="tenant")
    assert left_out(homes) == {
        "101": "",
        "201": "hardship",
        "301": "disputed",
        "401": "pending",
        "501": "covered",
        "601": "reminded",
        "701": "nobody",
        "801": "nobody",
    }


def test_round__bill_of_a_person__is_not_told_to_the_household() -> None:
    homes = make_homes(1)
    elder = make_resident(home=homes[0])
    make_bill(home=homes[0], amount_fen=5_000, due_on=DUE, charged_to=elder, subject="care:1")
    dunning.send_round(dunning_round=start(homes), now=MORNING)
    assert DunningNotice.objects.get().amount_fen == 1_000


def test_round__rule__names_bills_from_its_day_on() -> None:
    homes = make_homes(1)
    DunningRule.objects.update(after_days=60)
    assert left_out(homes) == {}
    DunningRule.objects.update(after_days=59)
    assert left_out(homes) == {"101": ""}


def test_send__killed_after_a_batch__reminds_each_home_once(monkeypatch) -> None:
    homes = make_homes(5)
    begun = start(homes, key=(key := uuid4()))
    assert start(homes, key=key) == begun
    monkeypatch.setattr(dunning, "SIZE", 2)
    sent = []

    def killed(*args, **given):
        sent.append(1)
        if len(sent) == 2:
            raise KeyboardInterrupt
        return queue(*args, **given)

    queue = dunning.outbox.queue_messages
    monkeypatch.setattr(dunning.outbox, "queue_messages", killed)
    with pytest.raises(KeyboardInterrupt):
        dunning.send_round(dunning_round=begun, now=MORNING)
    stale = DunningRound.objects.get(pk=begun.pk)
    for one in (begun, stale, DunningRound.objects.get(pk=begun.pk)):
        one.refresh_from_db()
        dunning.send_round(dunning_round=one, now=MORNING)
    begun.refresh_from_db()
    assert (begun.status, begun.homes, begun.total_fen) == ("done", 5, 5_000)
    assert DunningNotice.objects.count() == OutboxMessage.objects.filter(template="arrears_due").count() == 5


def test_send__another_worker_was_first__does_nothing() -> None:
    homes = make_homes(2)
    begun = start(homes)
    stale = DunningRound.objects.get(pk=begun.pk)
    dunning.send_round(dunning_round=begun, now=MORNING)
    assert dunning._send_batch(stale, now=MORNING) is None
    assert DunningNotice.objects.count() == 2


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "hour", "is_quiet"),
    [
        (time(20), time(9), 20, True),
        (time(20), time(9), 8, True),
        (time(20), time(9), 9, False),
        (time(12), time(14), 13, True),
        (time(12), time(14), 14, False),
        (time(9), time(9), 3, False),
    ],
)
def test_rule__quiet_hours__over_midnight_too(quiet_from, quiet_until, hour, is_quiet) -> None:
    assert DunningRule(quiet_from=quiet_from, quiet_until=quiet_until).is_quiet(time(hour)) is is_quiet


def test_send__in_quiet_hours__waits_for_the_morning() -> None:
    homes = make_homes(1)
    night = MORNING - timedelta(hours=3)
    begun = start(homes, now=night)
    assert dunning.send_round(dunning_round=begun, now=night) == 0
    assert dunning.rounds_to_resume(MORNING) == [begun]
    assert dunning.send_round(dunning_round=begun, now=MORNING) == 1


def test_send__by_sms__to_those_with_a_number_alone() -> None:
    homes = make_homes(1)
    DunningRule.objects.update(by_sms=True)
    make_resident(home=homes[0], phone="")
    dunning.send_round(dunning_round=start(homes), now=MORNING)
    queued = OutboxMessage.objects.filter(template="arrears_due")
    assert sorted(queued.values_list("channel", flat=True)) == ["inbox", "inbox", "sms"]
    assert DunningNotice.objects.get().channel == "sms"


def test_start__nobody_or_no_rule_or_twice__is_refused() -> None:
    homes = make_homes(1)
    start(homes)
    with pytest.raises(ActionError) as refused:
        start(homes)
    assert refused.value.code == "round_under_way"
    DunningRule.objects.all().delete()
    with pytest.raises(ActionError) as refused:
        start(homes)
    assert refused.value.code == "no_rule"


def test_stop__round__sends_no_more() -> None:
    homes = make_homes(1)
    begun = start(homes)
    dunning.stop_round(dunning_round=begun, by=begun.begun_by, now=MORNING)
    assert dunning.send_round(dunning_round=begun, now=MORNING) == 0


# -- Pages and letters


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_pages__preview_and_send__says_whom_and_why_not() -> None:
    homes = make_homes(2)
    cashier = make_cashier(estate=homes[0].estate)
    notes.mark_hardship(home=homes[1], reason="低保", until_on=None, by=cashier, now=MORNING)
    client = logged_in(cashier)
    chinese = {"accept-language": "zh-hans"}
    page = client.get(reverse("dunning_preview"), headers=chinese)
    words = page.content.decode()
    assert str(homes[0]) in words
    assert "有1笔费用过了缴费日，共 ¥10.00" in words
    assert "困难家庭" in words
    sent = client.post(reverse("dunning_preview"), {"key": page.context["key"]}, headers=chinese)
    assert sent.status_code == 302
    rule = client.post(
        reverse("dunning"),
        {"after_days": "0", "again_days": "10", "quiet_from": "21:00", "quiet_until": "08:00"},
    )
    assert rule.status_code == 422
    assert rule.context["form"].errors.keys() == {"after_days"}


def test_letters__many_homes__a_page_each_with_names_and_sums() -> None:
    homes = make_homes(3)
    item = homes[0].bills.get().item
    for number in range(20):
        due_on = DUE + timedelta(days=number)
        make_bill(home=homes[0], item=item, amount_fen=100, due_on=due_on, subject=f"{number}")
    cashier = make_cashier(estate=homes[0].estate)
    notes.mark_hardship(home=homes[2], reason="低保", until_on=None, by=cashier, now=MORNING)
    response = logged_in(cashier).post(reverse("fees_letters"), {"estate": homes[0].estate.pk})
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages]
    assert len(pages) == DunningNotice.objects.filter(channel="letter").count() == 2
    assert f"尊敬的 {homes[0]} 住户" in pages[0]
    assert "30.00" in pages[0]
    assert "另有8笔" in pages[0]
    assert "感谢您" in pages[1]


def test_letter__code__leads_each_person_to_the_bills_they_may_pay() -> None:
    home = make_homes(1)[0]
    mother = home.residencies.get().user
    son, stranger = make_resident(), make_resident()
    make_delegation(resident=mother, delegate=son, service="fees", relation="儿子")
    path = reverse("fees_pay_home", args=[home.pk])
    assert letters.pay_url(home).endswith(path)
    expected = {
        mother: f"/fees/?home={home.pk}",
        son: f"/fees/?for={mother.pk}&home={home.pk}",
        stranger: "/fees/",
    }
    for person, address in expected.items():
        assert logged_in(person).get(path)["Location"] == address
    assert Client().get(path).status_code == 302
