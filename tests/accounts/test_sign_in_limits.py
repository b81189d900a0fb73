"""Who is stopped at the sign-in, and who is not: an attacker, a launch day."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from accounts import sign_in_limits
from accounts.actions import person_with_phone
from accounts.models import RosterEntry
from accounts.sign_in_limits import count_code, guesses_of_code, is_known_number, tries_of_password
from community.core import audit, clock, limits
from community.core.errors import TooMany
from community.core.limit_table import CODE_KNOWN_NUMBERS, CODE_UNKNOWN_NUMBERS, CODE_UNKNOWN_OF_ALL
from community.core.models import AuditRecord, FailureCount
from community.core.throttles import StrangerThrottle
from tests import factories
from tests.accounts.signing_in import ELSEWHERE, HERE, NUMBER, PHONE, ask, enter

pytestmark = pytest.mark.django_db


def a_number(n: int) -> str:
    return f"+86139{n:08d}"


def codes_for(numbers: list[str], network: str = HERE) -> int:
    """How many of these numbers a code may be sent to, asked from one network."""
    sent = 0
    for number in numbers:
        try:
            count_code(number, network, "")
            sent += 1
        except TooMany:
            continue
    return sent


# -- One network, many people.


def test_codes__forty_numbers_at_one_wifi__all_are_sent(codes: list[Any]) -> None:
    assert {ask(Client(REMOTE_ADDR=HERE), f"139{n:08d}").status_code for n in range(40)} == {302}
    assert len(codes) == 40


def test_codes__two_hundred_unknown_numbers__then_the_network_is_stopped_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sign_in_limits, "is_known_number", lambda phone: False)
    assert codes_for([a_number(n) for n in range(210)]) == 200
    assert codes_for([a_number(300)], network=ELSEWHERE) == 1


def test_codes__same_number_again__is_one_number() -> None:
    with time_machine.travel(clock.now(), tick=False) as hands:
        for _n in range(4):
            count_code(PHONE, HERE, "")
            hands.shift(timedelta(seconds=61))
        key = limits._item(CODE_UNKNOWN_NUMBERS)
        assert limits._counter(CODE_UNKNOWN_NUMBERS).get_window_stats(key, _hashed(HERE)).remaining == 199


def _hashed(text: str) -> str:
    return limits.blind_index(text)


def test_codes__launch_day__five_hundred_of_the_roster_behind_one_address() -> None:
    home = factories.make_home()
    numbers = [a_number(n) for n in range(500)]
    RosterEntry.objects.bulk_create(RosterEntry(home=home, name="陈", phone=number) for number in numbers)
    assert codes_for(numbers) == 500
    assert codes_for([a_number(n) for n in range(600, 640)]) == 40, "strangers have their own share"


def test_codes__known_numbers__have_an_upper_bound_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_limits, "CODE_KNOWN_NUMBERS", replace(CODE_KNOWN_NUMBERS, amount=5))
    for n in range(6):
        factories.make_roster_entry(phone=a_number(n))
    assert codes_for([a_number(n) for n in range(6)]) == 5


def test_codes__unknown_numbers_from_many_networks__are_bounded_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sign_in_limits, "CODE_UNKNOWN_OF_ALL", replace(CODE_UNKNOWN_OF_ALL, amount=10))
    assert sum(codes_for([a_number(n)], network=f"203.0.113.{n}") for n in range(12)) == 10


def test_codes__attacker_who_asks_on_when_refused__learns_no_more_of_who_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sign_in_limits, "CODE_UNKNOWN_NUMBERS", replace(CODE_UNKNOWN_NUMBERS, amount=3))
    factories.make_roster_entry(phone=PHONE)
    assert codes_for([a_number(n) for n in range(3 + 20)]) == 3
    assert codes_for([PHONE]) == 0
    assert codes_for([PHONE], network=ELSEWHERE) == 1


def test_codes__refused_number__has_lost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_limits, "CODE_UNKNOWN_NUMBERS", replace(CODE_UNKNOWN_NUMBERS, amount=2))
    assert codes_for([a_number(n) for n in range(3)]) == 2
    assert codes_for([a_number(2)], network=ELSEWHERE) == 1, "not even its minute"


@pytest.mark.parametrize(
    ("make", "known"),
    [
        (lambda: factories.make_roster_entry(phone=PHONE), True),
        (lambda: factories.make_resident(phone=PHONE), True),
        (lambda: factories.make_delegation(delegate=factories.make_user(phone=PHONE)), True),
        (lambda: person_with_phone(PHONE), False),
        (lambda: None, False),
    ],
)
def test_known_number__roster_resident_and_family__not_whoever_was_only_sent_a_code(
    make: Any, known: bool
) -> None:
    make()
    assert is_known_number(PHONE) is known


# -- One number, one attacker; one /64 is one network.


def test_codes__one_number_from_one_place_again_and_again__is_stopped(codes: list[Any]) -> None:
    with time_machine.travel(clock.now(), tick=False) as hands:
        sent = 0
        for _n in range(30):
            sent += ask(Client(REMOTE_ADDR=HERE)).status_code == 302
            hands.shift(timedelta(seconds=61))
    assert sent == 4


def test_codes__addresses_of_one_64_in_turn__are_one_network(codes: list[Any]) -> None:
    with time_machine.travel(clock.now(), tick=False) as hands:
        sent = 0
        for n in range(12):
            sent += ask(Client(REMOTE_ADDR=f"2001:db8:1:2::{n + 1:x}")).status_code == 302
            hands.shift(timedelta(seconds=61))
        assert sent == 4
        assert ask(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 302


def test_codes__wait__slides_and_is_said_in_words(codes: list[Any]) -> None:
    with time_machine.travel(clock.now(), tick=False) as hands:
        assert ask(Client(REMOTE_ADDR=HERE)).status_code == 302
        hands.shift(timedelta(seconds=20))
        refused = ask(Client(REMOTE_ADDR=HERE))
        assert (refused.status_code, refused["Retry-After"]) == (429, "40")
        html = refused.content.decode()
        assert "40 秒" in html
        assert NUMBER in html, "the number is filled in still"
        hands.shift(timedelta(seconds=41))
        assert ask(Client(REMOTE_ADDR=HERE)).status_code == 302


def test_guesses__of_many_numbers_from_one_network__are_bounded() -> None:
    guesses = 0
    for n in range(60):
        for _try in range(5):
            try:
                limits.hit_all(guesses_of_code(a_number(n), HERE, ""))
                guesses += 1
            except TooMany:
                continue
    assert guesses == 200


def test_guesses__twenty_at_once__never_more_than_allowed() -> None:
    def guess(_n: int) -> bool:
        try:
            limits.hit_all(guesses_of_code(PHONE, HERE, ""))
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(guess, range(20))) == 12


def test_passwords__twenty_wrong_ones_at_once__never_more_than_five() -> None:
    def guess(_n: int) -> bool:
        try:
            limits.hit_all(tries_of_password("Manager", HERE, ""))
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(guess, range(20))) == 5


@pytest.mark.parametrize("what", ["passwords", "tokens"])
def test_guesses__addresses_of_one_64_in_turn__are_one_network(what: str, client: Client) -> None:
    def guess(n: int) -> int:
        address = f"2001:db8:1:2::{n + 1:x}"
        if what == "passwords":
            return enter(Client(REMOTE_ADDR=address), f"name{n}", "wrong").status_code
        headers = {"authorization": "Bearer linli_wrong"}
        return client.get("/api/v1/me/", headers=headers, REMOTE_ADDR=address).status_code

    answers = [guess(n) for n in range(31)]
    assert set(answers[:30]) == {409 if what == "passwords" else 401}
    assert answers[30] == 429


def test_passwords__forty_of_one_office_sign_in__are_not_counted(client: Client) -> None:
    user = factories.make_staff()
    assert {enter(Client(REMOTE_ADDR=HERE), user.username).status_code for _n in range(40)} == {302}


def test_api__header_of_the_callers_making__does_not_change_the_network() -> None:
    def ask_api(n: int) -> None:
        request = RequestFactory().get("/", headers={"x-forwarded-for": f"203.0.113.{n}"})
        request.user = AnonymousUser()
        StrangerThrottle().allow_request(request, None)  # type: ignore[arg-type]

    for n in range(30):
        ask_api(n)
    with pytest.raises(TooMany):
        ask_api(30)


# -- A device that knows its owner.


def test_allauth__counts_nothing_itself_and_has_no_page() -> None:
    assert django_settings.ACCOUNT_RATE_LIMITS is False
    assert Client().get("/accounts/login/").status_code == 404


# -- The audit record cannot be filled.


def outcomes() -> dict[str, int]:
    rows = AuditRecord.objects.filter(action="sign_in").values_list("outcome", flat=True)
    return {one: list(rows).count(one) for one in set(rows)}


def test_audit__a_network_that_fails_without_end__is_written_ten_times_and_then_counted() -> None:
    start = clock.now().replace(minute=1)
    with time_machine.travel(start, tick=False):
        for n in range(30):
            enter(Client(REMOTE_ADDR=HERE), f"name{n}", "wrong")
        for _n in range(25):
            enter(Client(REMOTE_ADDR=HERE), "name", "wrong")
    assert outcomes() == {"wrong": 10, "locked": 10, "folding": 2}
    assert audit.write_folded(start + timedelta(minutes=20)) == 0, "the quarter is hardly over"
    assert audit.write_folded(start + timedelta(minutes=45)) == 2
    folded = AuditRecord.objects.filter(outcome="folded").order_by("pk")
    assert {(one.detail["of"], one.detail["count"]) for one in folded} == {("wrong", 20), ("locked", 15)}
    assert {one.detail["network"] for one in folded} == {HERE}
    assert not FailureCount.objects.exists()
    assert audit.write_folded(start + timedelta(minutes=46)) == 0


def test_audit__many_networks__are_written_two_hundred_times_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit, "SINGLY_OF_ALL", 20)
    start = clock.now().replace(minute=1)
    with time_machine.travel(start, tick=False):
        for n in range(28):
            enter(Client(REMOTE_ADDR=f"203.0.113.{n}"), f"name{n}", "wrong")
    assert outcomes() == {"wrong": 20, "folding": 1}
    assert FailureCount.objects.count() == 21, "no row for each network of an attack"
    audit.write_folded(start + timedelta(hours=1))
    assert AuditRecord.objects.get(outcome="folded").detail["count"] == 8


def test_audit__another_network__is_written_as_ever() -> None:
    user = factories.make_staff()
    for n in range(15):
        enter(Client(REMOTE_ADDR=HERE), f"name{n}", "wrong")
    enter(Client(REMOTE_ADDR=ELSEWHERE), user.username, "wrong")
    last = AuditRecord.objects.filter(outcome="wrong").order_by("pk").last()
    assert last is not None
    assert (last.address, last.target) == (ELSEWHERE, f"accounts.user:{user.pk}")
