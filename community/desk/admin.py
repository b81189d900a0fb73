from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field

from community.core.exports import OfficeExport, OfficeResource
from community.core.office import OfficeAdmin, ReadOnly
from community.desk.measures import BY_KEY, share_words
from community.desk.models import DayFigure


class DayFigureResource(OfficeResource):
    estate = Field(attribute="estate__name", column_name="estate")

    class Meta:
        model = DayFigure
        fields = ("estate", "day", "measure", "dimension", "numerator", "denominator")


@admin.register(DayFigure)
class DayFigureAdmin(ReadOnly, OfficeExport, OfficeAdmin):
    """What the morning page's charts are made of; counted every night, never typed."""

    resource_classes = [DayFigureResource]
    list_display = ("day", "measure_name", "part_name", "numerator", "denominator", "share", "estate")
    list_filter = ("estate", "day")
    list_select_related = ("estate",)
    ordering = ("-day", "-pk")

    @admin.display(description=_("figure"), ordering="measure")
    def measure_name(self, row: DayFigure) -> Any:
        measure = BY_KEY.get(row.measure)
        return measure.title if measure else row.measure

    @admin.display(description=_("part"))
    def part_name(self, row: DayFigure) -> Any:
        measure = BY_KEY.get(row.measure)
        return measure.parts.get(row.dimension, row.dimension) if measure else row.dimension

    @admin.display(description=_("Share"))
    def share(self, row: DayFigure) -> str:
        return share_words(row.numerator, row.denominator)
