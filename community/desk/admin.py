from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field

from community.core.admin_base import EstateScopedAdmin, ReadOnly
from community.core.exports import ExportAdmin, ExportResource
from community.desk.measures import find_measure, share_words
from community.desk.models import DayFigure


def _measure_name(row: DayFigure) -> str:
    measure = find_measure(row.measure)
    return str(measure.title) if measure else row.measure


def _part_name(row: DayFigure) -> str:
    measure = find_measure(row.measure)
    return str(measure.parts.get(row.dimension, row.dimension)) if measure else row.dimension


class DayFigureResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    day = Field(attribute="day", column_name="日期")
    measure = Field(column_name="指标")
    dimension = Field(column_name="分项")
    numerator = Field(attribute="numerator", column_name="分子")
    denominator = Field(attribute="denominator", column_name="分母")
    share = Field(column_name="比率")

    class Meta:
        model = DayFigure
        fields = ("estate", "day", "measure", "dimension", "numerator", "denominator", "share")

    def dehydrate_measure(self, row: DayFigure) -> str:
        return _measure_name(row)

    def dehydrate_dimension(self, row: DayFigure) -> str:
        return _part_name(row)

    def dehydrate_share(self, row: DayFigure) -> str:
        return share_words(row.numerator, row.denominator)


@admin.register(DayFigure)
class DayFigureAdmin(ReadOnly, ExportAdmin, EstateScopedAdmin):
    """The figures that the charts of the morning page add up; counted every night, never typed."""

    resource_classes = [DayFigureResource]
    list_display = ("day", "measure_name", "part_name", "numerator", "denominator", "share", "estate")
    list_filter = ("estate", "day")
    fields = ("estate", "day", "measure_name", "part_name", "numerator", "denominator", "share")
    readonly_fields = ("measure_name", "part_name", "share")
    list_select_related = ("estate",)
    ordering = ("-day", "-pk")

    @admin.display(description=_("figure"), ordering="measure")
    def measure_name(self, row: DayFigure) -> str:
        return _measure_name(row)

    @admin.display(description=_("part"))
    def part_name(self, row: DayFigure) -> str:
        return _part_name(row)

    @admin.display(description=_("Share"))
    def share(self, row: DayFigure) -> str:
        return share_words(row.numerator, row.denominator)
