"""Limits of signing in.

Many numbers in one network are people behind one Wi-Fi; many attempts at one number are an attack. Numbers
that an estate knows do not count as unknown: on its first day all of them arrive at once.
"""

from accounts.models import RosterEntry, User
from community.core import limits
from community.core.errors import ActionError
from community.core.limit_table import (
    CODE_DEVICE_DAY,
    CODE_DEVICE_HOUR,
    CODE_DEVICE_MINUTE,
    CODE_HERE_DAY,
    CODE_HERE_HOUR,
    CODE_KNOWN_NUMBERS,
    CODE_NUMBER_DAY,
    CODE_NUMBER_HOUR,
    CODE_NUMBER_MINUTE,
    CODE_NUMBER_SEEN,
    CODE_REFUSED,
    CODE_UNKNOWN_NUMBERS,
    CODE_UNKNOWN_OF_ALL,
    GUESS_DEVICE,
    GUESS_HERE,
    GUESS_NETWORK,
    GUESS_NUMBER,
    PASSWORD_DEVICE,
    PASSWORD_HERE,
    PASSWORD_NAME,
    PASSWORD_NETWORK,
)

ALL = "all"


def count_code(phone: str, network: str, device: str) -> None:
    """Counts a code before it is sent. Raises ``TooMany``, and then nothing was counted.

    ``device`` is the key of a known device ("" for none), which has limits of its own.
    """
    if device:
        limits.hit_all([(one, device) for one in (CODE_DEVICE_MINUTE, CODE_DEVICE_HOUR, CODE_DEVICE_DAY)])
        return
    limits.check(CODE_REFUSED, network)
    here = f"{phone}@{network}"
    of_number: list[limits.Counted] = [
        (CODE_HERE_HOUR, here),
        (CODE_HERE_DAY, here),
        (CODE_NUMBER_MINUTE, phone),
        (CODE_NUMBER_HOUR, phone),
        (CODE_NUMBER_DAY, phone),
    ]
    limits.hit_all(of_number)
    try:
        _count_number(phone, network)
    except ActionError:
        for limit, key in of_number:
            limits.give_back(limit, key)
        raise


def _count_number(phone: str, network: str) -> None:
    """Counts a number once an hour for its network."""
    here = f"{phone}@{network}"
    if not limits.is_first(CODE_NUMBER_SEEN, here):
        return
    try:
        if is_known_number(phone):
            limits.hit(CODE_KNOWN_NUMBERS, network)
        else:
            limits.hit_all([(CODE_UNKNOWN_NUMBERS, network), (CODE_UNKNOWN_OF_ALL, ALL)])
    except ActionError:
        limits.give_back(CODE_NUMBER_SEEN, here)
        # A refusal reveals that the number is unknown, so few are given out.
        limits.is_first(CODE_REFUSED, network)
        raise


def is_known_number(phone: str) -> bool:
    """Whether the number is in a roster or its holder has signed in, has a home or holds a delegation.

    Asks the same of every number, so that the time of the answer tells nobody which are known.
    """
    people = User.objects.with_phone(phone)
    answers = [
        RosterEntry.objects.with_phone(phone).exists(),
        people.exclude(phone_verified_at=None).exists(),
        people.exclude(residencies=None).exists(),
        people.exclude(delegations_held=None).exists(),
    ]
    return any(answers)


def guesses_of_code(phone: str, network: str, device: str) -> list[limits.Counted]:
    """Returns the limits that a typed code counts against until it proves right."""
    if device:
        return [(GUESS_DEVICE, device)]
    return [(GUESS_HERE, f"{phone}@{network}"), (GUESS_NUMBER, phone), (GUESS_NETWORK, network)]


def tries_of_password(username: str, network: str, device: str) -> list[limits.Counted]:
    """Returns the limits that a typed password counts against until it proves right."""
    if device:
        return [(PASSWORD_DEVICE, device)]
    name = username.strip().casefold()
    return [(PASSWORD_HERE, f"{name}@{network}"), (PASSWORD_NAME, name), (PASSWORD_NETWORK, network)]
