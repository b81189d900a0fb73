"""The acts of paying on line, by the real clients against the local server, with signatures over HTTP."""

from typing import Any

import pytest
from hypothesis import settings as profiles
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from community.demo.payments.keys import Keys
from community.demo.payments.server import PaymentServer
from tests.services.fees import on_line
from tests.support.practice import make_merchant
from tests.support.served import LosesAnswers, Served

# Every call is signed and goes over HTTP: fewer than elsewhere.
EXAMPLES: dict[str, Any] = {
    "few": {"max_examples": 6, "stateful_step_count": 15},
    "long": {"max_examples": 100, "stateful_step_count": 40},
}


class OverHTTP(on_line.OnLine):
    server: PaymentServer
    # An order that has ended there, which we do not know yet, cannot be opened again.
    refusals = on_line.REFUSALS | {"provider_refused"}

    def __init__(self) -> None:
        self.server.store.empty()
        super().__init__()

    @initialize(pick=on_line.picks, fen=st.integers(1, 99))
    def begins_with_money_that_came(self, pick: int, fen: int) -> None:
        """So that few examples have orders to tell of, and refunds."""
        for number, name in enumerate(on_line.NAMES):
            self.begin(pick + number, name, both=False)
            self.pays(number)
        self.tells(pick, 1)
        self.pay_back_a_part(pick, fen)


@pytest.mark.django_db
@pytest.mark.parametrize("profile", ["few", pytest.param("long", marks=pytest.mark.long)])
def test_over_http__whatever_happens__no_fen_is_lost_or_doubled(
    server: PaymentServer, keys: Keys, profile: str
) -> None:
    answers = LosesAnswers(server)
    OverHTTP.server = server
    OverHTTP.make_provider = lambda name: Served(name, server, answers)
    chosen = profiles(profiles.get_profile(profile), **EXAMPLES[profile])

    def merchant(**values: Any) -> Any:
        return make_merchant(keys, **values)

    try:
        on_line.run(OverHTTP, chosen, merchant)
    finally:
        del server.handle
