"""Admin of the lists of fees: parking spaces, and homes with days of their own; with import and export."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from import_export.resources import Field

from community.core import clock
from community.core.admin_base import EstateScopedAdmin
from community.core.admin_paging import InUseFilter
from community.core.errors import ActionError
from community.core.exports import ExportAdmin, ExportResource
from community.core.search.filtering import Ways
from community.estates.admin_imports import SheetImportAdmin
from services.fees.billing.reach.actions import check_listing, has_bills
from services.fees.billing.reach.imports import ListingImport
from services.fees.models import FeeItem, FeeListing


class ListingForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        given = {
            name: typed.get(name, getattr(self.instance, name, None)) for name in ("item", "home", "from_on")
        }
        if all(given.values()):
            row = FeeListing(pk=self.instance.pk, **given)
            row.subject = typed.get("subject", self.instance.subject) or ""
            row.to_on = typed.get("to_on")
            try:
                check_listing(row)
            except ActionError as error:
                self.add_error(error.field if error.field in self.fields else None, str(error.message))
        return typed


class ListingResource(ExportResource):
    item = Field(attribute="item__name", column_name="收费项目")
    building = Field(attribute="home__entrance__building__name", column_name="楼栋")
    entrance = Field(attribute="home__entrance__name", column_name="单元")
    room = Field(attribute="home__number", column_name="房号")
    subject = Field(attribute="subject", column_name="车位号")
    plate = Field(attribute="plate", column_name="车牌号")
    from_on = Field(attribute="from_on", column_name="起始日期")
    to_on = Field(attribute="to_on", column_name="截止日期")

    class Meta:
        model = FeeListing
        fields = ("item", "building", "entrance", "room", "subject", "plate", "from_on", "to_on")


@admin.register(FeeListing)
class FeeListingAdmin(SheetImportAdmin, ExportAdmin, EstateScopedAdmin):
    """Rows of fee lists. A row with bills keeps its item, home and space: it is ended by its last day."""

    resource_classes = [ListingResource]
    sheet_import = ListingImport
    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    form = ListingForm
    estate_path = "item__estate"
    fields = ("item", "home", "subject", "plate", "from_on", "to_on")
    list_display = ("subject", "home", "plate", "item", "from_on", "to_on")
    list_filter = ("item__estate", ("item", InUseFilter))
    list_select_related = ("item", "home__entrance__building")
    found_by = Ways(homes=("home",))
    autocomplete_fields = ("home",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("item", "home", "subject", "from_on") if obj and obj.pk and has_bills(obj) else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "item":
            kwargs["queryset"] = FeeItem.objects.exclude(basis=FeeItem.Basis.SINGLE).select_related("estate")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_billed = obj is not None and obj.pk and has_bills(obj)
        return not is_billed and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.by, obj.created_at = request.user, clock.now()
        super().save_model(request, obj, form, change)
