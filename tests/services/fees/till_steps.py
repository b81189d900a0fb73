"""Steps of the till for the stateful test of money: a shift is handed over in the middle of everything."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from community.core import clock
from services.fees.counter.actions import Count, close_shift, open_shift
from services.fees.counter.queries import expected_fen
from services.fees.models import Shift


class TillSteps:
    """Needs ``home`` and ``cashier``; the books' checks compare what was counted with what was booked."""

    home: Any
    cashier: Any

    @rule(off=st.sampled_from([0, 0, -3, 5]), float_fen=st.sampled_from([0, 500]))
    def hand_over_the_till(self, off: int, float_fen: int) -> None:
        """Counted right, too little or too much; the next shift begins with another float."""
        estate = self.home.estate
        shift = Shift.objects.open_of(self.cashier, estate.pk)
        assert shift is not None
        counted_fen = max(expected_fen(shift) + off, 0)
        close_shift(shift=shift, count=Count(counted_fen, words="清点"), by=self.cashier, now=clock.now())
        open_shift(estate=estate, float_fen=float_fen, by=self.cashier, now=clock.now())
