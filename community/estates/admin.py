from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field

from community.core.admin_base import ChildInline, EstateScopedAdmin
from community.core.admin_paging import InUseFilter
from community.core.exports import ExportAdmin, ExportResource, hundredths
from community.core.search.filtering import Ways
from community.estates.admin_imports import SheetImportAdmin
from community.estates.forms import WorkingHoursForm, WorkingHoursFormSet
from community.estates.imports import HomeImport
from community.estates.models import (
    Building,
    Entrance,
    Estate,
    Home,
    PropertyCompany,
    PublicPlace,
    WorkingHours,
)


class WorkingHoursInline(ChildInline):
    model = WorkingHours
    form = WorkingHoursForm
    formset = WorkingHoursFormSet


@admin.register(Estate)
class EstateAdmin(EstateScopedAdmin):
    estate_path = "pk"
    list_display = ("name", "code", "desk_phone", "emergency_phone", "company")
    search_fields = ("name", "code")
    inlines = [WorkingHoursInline]


@admin.register(PropertyCompany)
class PropertyCompanyAdmin(EstateScopedAdmin):
    """Companies, for system administrators alone: whose money may go where hangs on them."""

    estate_path = ""
    list_display = ("name", "credit_code")
    search_fields = ("name", "credit_code")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EntranceInline(ChildInline):
    model = Entrance


class BuildingResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")

    class Meta:
        model = Building
        fields = ("estate", "name", "floors", "has_lift")


@admin.register(Building)
class BuildingAdmin(ExportAdmin, EstateScopedAdmin):
    resource_classes = [BuildingResource]
    list_display = ("name", "estate", "floors", "has_lift")
    list_filter = ("estate", "has_lift")
    list_select_related = ("estate",)
    search_fields = ("name",)
    inlines = [EntranceInline]


@admin.register(Entrance)
class EntranceAdmin(EstateScopedAdmin):
    """Entrances are edited below their building; registered so that homes can look one up."""

    estate_path = "building__estate"
    list_display = ("name", "building", "position")
    list_select_related = ("building",)
    search_fields = ("name", "building__name")


class HomeResource(ExportResource):
    estate = Field(attribute="entrance__building__estate__name", column_name="小区")
    building = Field(attribute="entrance__building__name", column_name="楼栋")
    entrance = Field(attribute="entrance__name", column_name="单元")
    number = Field(attribute="number", column_name="房号")
    floor = Field(attribute="floor", column_name="楼层")
    area = Field(column_name="建筑面积（m²）")

    class Meta:
        model = Home
        fields = ("estate", "building", "entrance", "number", "floor", "area")

    def dehydrate_area(self, home: Home) -> Any:
        return hundredths(home.area_dm2)


@admin.register(Home)
class HomeAdmin(SheetImportAdmin, ExportAdmin, EstateScopedAdmin):
    """Homes of an estate, with import (all rows or none) and export."""

    resource_classes = [HomeResource]
    sheet_import = HomeImport
    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    estate_path = "entrance__building__estate"
    list_display = ("number", "entrance", "floor", "area", "estate_name")
    list_filter = ("entrance__building__estate", ("entrance__building", InUseFilter))
    list_select_related = ("entrance__building__estate",)
    found_by = Ways(homes=("pk",))
    search_fields = ("number",)
    autocomplete_fields = ("entrance",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("entrance__building__estate")

    @admin.display(description=_("floor area (m²)"), ordering="area_dm2")
    def area(self, home: Home) -> str:
        return home.area_text

    @admin.display(description=_("estate"))
    def estate_name(self, home: Home) -> str:
        return home.estate.name


class PublicPlaceResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")

    class Meta:
        model = PublicPlace
        fields = ("estate", "name", "code")


@admin.register(PublicPlace)
class PublicPlaceAdmin(ExportAdmin, EstateScopedAdmin):
    resource_classes = [PublicPlaceResource]
    list_display = ("name", "estate", "building", "code")
    list_filter = ("estate", ("building", InUseFilter))
    list_select_related = ("estate", "building")
    search_fields = ("name", "code")
