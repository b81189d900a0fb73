"""Figures of elderly care: the residents' ratings."""

from community.core.services.figures import Figures, Rated

FIGURES = Figures(position=30, rated=Rated(relation="care_booking", url_name="care_desk_booking"))
