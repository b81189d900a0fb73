"""A crowd that uses a town while it is broken: each sends the same form again until it is answered."""

import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import requests

from tests.faults.system import HOTLINE, Town

HOMES = 60
TOKEN = "a" * 32
# Where an act leads that was saved.
SAVED = {
    "repair": re.compile(r"/repairs/\d+/"),
    "time": re.compile(r"/renovation/appointments/\d+/"),
    "cash": re.compile(r"/staff/fees/payments/\d+/"),
    "call": re.compile(r"/help/\d+/"),
}
# A form that is sent again: not answered at all, or by a page that says that it could not be saved.
AGAIN = {500, 502, 503, 504}


@dataclass
class Act:
    """Something that a person wants, with the single-use key of its page."""

    kind: str
    key: str
    person: dict[str, Any]


@dataclass
class Crowd:
    """People of one estate of the town, and what was answered to them.

    ``saved`` are their acts that were answered as saved, ``sent_again`` counts the forms that were not answered,
    ``troubles`` are pages that could not work and did not say what to do.
    """

    town: Town
    seed: int
    estate: dict[str, Any]
    saved: list[dict[str, Any]] = field(default_factory=list)
    sent_again: int = 0
    troubles: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def acts(self) -> Iterator[Act]:
        """Yields what the people of the town want, in an order of chance, each once."""
        chance = random.Random(self.seed)
        wanted = [
            (kind, person)
            for person in self.estate["people"]
            for kind in ("repair", "repair", "time", "cash", "call")
        ]
        chance.shuffle(wanted)
        for kind, person in wanted:
            yield Act(kind, str(UUID(int=chance.getrandbits(128), version=4)), person)

    def do(self, act: Act) -> None:
        """Sends the act until it is answered as saved or as refused."""
        who = self.estate["cashier"] if act.kind == "cash" else act.person["session"]
        with _signed_in(who) as session:
            for path, given in self._forms(act):
                answer = self._send(session, path, given)
                if answer is None:
                    return
            if SAVED[act.kind].fullmatch(answer.headers.get("Location", "")):
                self.saved.append({"kind": act.kind, "key": act.key})

    def _forms(self, act: Act) -> list[tuple[str, dict[str, Any]]]:
        town, person = self.estate, act.person
        if act.kind == "repair":
            begun = ("/repairs/new/", {"key": act.key, "category": town["category"]})
            return [begun, (f"/repairs/new/{act.key}/check/", {})]
        if act.kind == "time":
            slot = random.Random(act.key).choice(town["slots"])
            return [(town["times"].format(person["home"]), {"key": act.key, "slot": slot})]
        if act.kind == "cash":
            bill = {f"tick_{person['bill']}": "on", f"amount_{person['bill']}": person["yuan"]}
            payer = {"payer": "other", "payer_name": "陈志强", "extra": "", "yes": "1"}
            return [(f"/staff/fees/homes/{person['home']}/", {"key": act.key, **bill, **payer})]
        return [("/help/call/", {"key": act.key})]

    def _send(self, session: requests.Session, path: str, given: dict[str, Any]) -> requests.Response | None:
        """Returns the answer that decided it; None if the crowd was stopped before."""
        while not self.stopped.is_set():
            try:
                answer = session.post(self.town.url + path, given, allow_redirects=False, timeout=30)
            except requests.RequestException:
                self.sent_again += 1
                time.sleep(0.1)
                continue
            if answer.status_code not in AGAIN:
                return answer
            self.sent_again += 1
            self._look_at(answer)
            time.sleep(0.2)
        return None

    def _look_at(self, answer: requests.Response) -> None:
        """A page that cannot work says what to do, and whom to call."""
        if f"tel:{HOTLINE}" not in answer.text or answer.status_code != requests.codes.unavailable:
            self.troubles.append(f"{answer.request.path_url} {answer.status_code} {answer.text[:200]}")


def _signed_in(session_key: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set("sessionid", session_key)
    session.cookies.set("csrftoken", TOKEN)
    session.headers.update({"X-CSRFToken": TOKEN, "Accept-Language": "zh-CN"})
    return session


@contextmanager
def crowded(town: Town, *, number: int, people: int = 6) -> Iterator[Crowd]:
    """So many people at once use a new estate of the town during the block; then they end what they began."""
    crowd = Crowd(town, number, town.ask("make", number, HOMES))
    acts, lock, over = crowd.acts(), threading.Lock(), threading.Event()

    def live() -> None:
        while not over.is_set():
            with lock:
                act = next(acts, None)
            if act is None:
                return
            crowd.do(act)

    with ThreadPoolExecutor(people) as pool:
        living = [pool.submit(live) for _person in range(people)]
        try:
            yield crowd
            over.set()
            for one in living:
                one.result(60)
        finally:
            over.set()
            crowd.stopped.set()
