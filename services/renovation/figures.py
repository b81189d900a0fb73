"""Figures of renovation: the households' ratings."""

from community.core.services.figures import Figures, Rated
from services.renovation.roles import OVERSEEING

FIGURES = Figures(
    position=50, rated=Rated(relation="appointment", url_name="staff_appointment", readers=OVERSEEING)
)
