"""What encrypted columns cost: a value, a list of 50, and the pages with the most of them."""

import platform
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings

from accounts.models import User
from community.core import encryption
from community.demo.people import PEOPLE
from tests.bench import report
from tests.support import backing, database

PAGES = [
    ("home", "owner", "/"),
    ("messages", "owner", "/inbox/"),
    ("residents, 50 of them", "frontdesk", "/staff/residents/"),
    ("roster, 50 lines", "frontdesk", "/staff/roster/"),
    ("back office: people", "admin", "/admin/accounts/user/"),
    ("back office: payments", "admin", "/admin/fees/payment/"),
]
ROUNDS, VALUES = 15, 5000
# Part of a page that decrypting may take.
SHARE = 0.1


@pytest.fixture
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), database.demo_estate():
        call_command("migrate", verbosity=0)
        yield


class Timed:
    """Counts the calls of ``decrypt`` and their time."""

    def __init__(self) -> None:
        self.inner, self.calls, self.seconds = encryption.decrypt, 0, 0.0

    def __call__(self, stored: str, *, column: str) -> str:
        began = time.perf_counter()
        text = self.inner(stored, column=column)
        self.seconds += time.perf_counter() - began
        self.calls += 1
        return text


def per_value(cipher: str) -> tuple[float, float]:
    """Returns the microseconds to encrypt and to decrypt a name."""
    with override_settings(FIELD_CIPHER=cipher):
        began = time.perf_counter()
        stored = [encryption.encrypt("王秀英", column="accounts_user.name") for _n in range(VALUES)]
        encrypted = time.perf_counter()
        for one in stored:
            encryption.decrypt(one, column="accounts_user.name")
        done = time.perf_counter()
    return (encrypted - began) / VALUES * 1e6, (done - encrypted) / VALUES * 1e6


def of_page(who: str, address: str, monkeypatch: pytest.MonkeyPatch) -> tuple[float, int, float]:
    """Returns the milliseconds of the page, how many values it decrypts, and their milliseconds."""
    name = next(one.name for one in PEOPLE if one.key == who)
    client = Client()
    client.force_login(User.objects.named(name).get(is_active=True))
    assert client.get(address).status_code == 200, address
    taken, parts, calls = [], [], 0
    for _round in range(ROUNDS):
        backing.forget_kept()
        timed = Timed()
        with monkeypatch.context() as patch:
            patch.setattr(encryption, "decrypt", timed)
            began = time.perf_counter()
            client.get(address)
            taken.append((time.perf_counter() - began) * 1000)
        parts.append(timed.seconds * 1000)
        calls = timed.calls
    return statistics.median(taken), calls, statistics.median(parts)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_decrypting__is_a_small_part_of_a_page(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {cipher: per_value(cipher) for cipher in ("aes-gcm", "sm4-gcm")}
    lines, shares = [], []
    for what, who, address in PAGES:
        ms, calls, part = of_page(who, address, monkeypatch)
        lines.append(f"| {what} | {ms:.1f} | {calls} | {part:.2f} | {part / ms:.1%} |")
        shares.append(part / ms)
    body = "\n".join(lines)
    spoken = "; ".join(
        f"{cipher}: {sealing:.1f} µs to encrypt, {opening:.1f} µs to decrypt"
        for cipher, (sealing, opening) in values.items()
    )
    report.write(
        f"decrypting {connection.vendor}",
        f"""## Encrypted columns ({connection.vendor})

A name: {spoken}. Pages of the demo estate, nothing kept from before, the middle of {ROUNDS}; Python
{platform.python_version()}:

| page | ms | values decrypted | ms for them | part of the page |
| --- | --- | --- | --- | --- |
{body}""",
    )
    assert max(shares) < SHARE
