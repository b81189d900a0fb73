"""Histories of the demo's repairs: legal paths through ``Repair.TRANSITIONS`` with times."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from community.core import clock
from services.repairs.models import Repair

Status = Repair.Status

LETTERS = {
    "A": Status.ACCEPTED,
    "S": Status.ASSIGNED,
    "W": Status.IN_WORK,
    "P": Status.WAITING_FOR_PARTS,
    "R": Status.WAITING_FOR_RESIDENT,
    "Q": Status.QUOTED,
    "D": Status.DONE,
    "O": Status.REOPENED,
    "C": Status.CONFIRMED,
    "L": Status.CLOSED,
    "X": Status.CANCELLED,
    "N": Status.DECLINED,
}
# Steps after the report by final status; likely ones are listed twice.
WALKS: dict[str, tuple[str, ...]] = {
    Status.NEW: ("",),
    Status.ACCEPTED: ("A", "A", "A", "ASA"),
    Status.ASSIGNED: ("AS", "AS", "S", "ASS"),
    Status.IN_WORK: ("ASW", "SW", "ASWPW", "ASWQW"),
    Status.WAITING_FOR_PARTS: ("ASWP", "SWP"),
    Status.WAITING_FOR_RESIDENT: ("ASWR", "SWR"),
    Status.QUOTED: ("ASWQ", "SWQ"),
    Status.DONE: ("ASWD", "ASWD", "SWD", "ASWQWD", "ASWPWD"),
    Status.REOPENED: ("ASWDO", "SWDO"),
    Status.CONFIRMED: (
        *("ASWDC", "ASWDC", "ASWDC", "ASWDC", "SWDC", "SWDC", "ASWQWDC", "ASWQWDC", "ASWPWDC"),
        *("ASWRWDC", "ASWDOSWDC", "ASASWDC", "ASSWDC"),
    ),
    Status.CLOSED: ("ASWDL", "ASWDL", "SWDL", "ASWQWDL", "ASWPWDL"),
    Status.CANCELLED: ("X", "AX", "ASX", "ASWQX", "ASWPX"),
    Status.DECLINED: ("N", "N", "AN"),
}
EMERGENCY_WALKS = ("SWDC", "SWDL", "ASWDC")
# Minutes since the final status was reached.
SINCE_MINUTES: dict[str, tuple[int, int]] = {
    Status.NEW: (4, 300),
    Status.ACCEPTED: (30, 900),
    Status.ASSIGNED: (20, 1200),
    Status.IN_WORK: (10, 150),
    Status.WAITING_FOR_PARTS: (900, 5000),
    Status.WAITING_FOR_RESIDENT: (600, 2600),
    Status.QUOTED: (60, 1500),
    Status.DONE: (90, 6 * 1440),
    Status.REOPENED: (60, 1000),
}
YEAR, FORTNIGHT = 365 * 1440, 14 * 1440
# Minutes of a step, by its target status.
STEP_MINUTES: dict[str, tuple[int, int]] = {
    Status.ACCEPTED: (5, 150),
    Status.ASSIGNED: (5, 200),
    Status.IN_WORK: (30, 1300),
    Status.WAITING_FOR_PARTS: (20, 80),
    Status.WAITING_FOR_RESIDENT: (20, 60),
    Status.QUOTED: (15, 50),
    Status.DONE: (20, 200),
    Status.REOPENED: (60, 2000),
    Status.CONFIRMED: (30, 3000),
    Status.CLOSED: (7 * 1440, 7 * 1440 + 3),
    Status.CANCELLED: (10, 600),
    Status.DECLINED: (20, 500),
}


@dataclass(frozen=True)
class Moment:
    """A status and the time at which it was reached."""

    status: str
    at: datetime


def make_life(final: str, *, is_emergency: bool, draw: Random, now: datetime) -> list[Moment]:
    """Returns the steps from the report to ``final``, in order, none in the future."""
    walk = draw.choice(EMERGENCY_WALKS if is_emergency else WALKS[final])
    states: list[str] = [Status.NEW, *(LETTERS[letter] for letter in walk)]
    at = now - timedelta(minutes=_since(states[-1], draw))
    if states[-1] in Repair.FINISHED:
        at = _by_day(at, draw)
    life = [Moment(states[-1], at)]
    for number in range(len(states) - 1, 0, -1):
        low, high = STEP_MINUTES[states[number]]
        gap = draw.randint(low, high) / (12 if is_emergency and states[number] != Status.CLOSED else 1)
        at -= timedelta(minutes=gap)
        if not is_emergency and states[number] != Status.CLOSED:
            at = _by_day(at, draw)
        life.append(Moment(states[number - 1], at))
    return life[::-1]


def _since(status: str, draw: Random) -> int:
    if status in SINCE_MINUTES:
        return draw.randint(*SINCE_MINUTES[status])
    return draw.randint(120, FORTNIGHT if draw.random() < 0.15 else YEAR - 15 * 1440)


def _by_day(at: datetime, draw: Random) -> datetime:
    """Returns the time, or the last afternoon before it, between 8 and 18 o'clock."""
    local = clock.local(at)
    if 8 <= local.hour < 18:
        return at
    day = local if local.hour >= 18 else local - timedelta(days=1)
    return day.replace(hour=draw.randint(13, 17), minute=draw.randint(0, 59))
