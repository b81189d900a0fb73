"""Figures of elderly care: the residents' ratings."""

from community.core.services.figures import Figures, Rated
from services.care.roles import OVERSEEING

FIGURES = Figures(
    position=30, rated=Rated(relation="care_booking", url_name="care_desk_booking", readers=OVERSEEING)
)
