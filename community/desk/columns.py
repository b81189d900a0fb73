"""Columns of the desk that hold something of a person."""

from community.core.services.columns import OfNobody

COLUMNS = (OfNobody("desk.dayfigure", ("measure", "dimension"), "names of figures"),)
