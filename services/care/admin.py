"""Admin of care: the catalogue, its providers and carers; bookings are read-only here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.decorators import display

from accounts.models import StaffRole, User
from community.core.admin_base import BaseHistoryInline, EstateScopedAdmin, PhoneReadRecorded, ReadOnly
from community.core.exports import ExportAdmin, ExportResource, hundredths
from community.core.money import as_yuan
from community.core.search.filtering import Ways
from services.care import KEY
from services.care.models import CareBooking, CareBookingChange, Carer, CareService, Provider

LABELS = {
    CareBooking.Status.BOOKED: "info",
    CareBooking.Status.UNDER_WAY: "warning",
    CareBooking.Status.DONE: "success",
    CareBooking.Status.CANCELLED: "default",
    CareBooking.Status.MISSED: "danger",
}


@admin.register(Provider)
class ProviderAdmin(EstateScopedAdmin):
    list_display = ("name", "phone", "words", "estate")
    list_filter = ("estate",)
    list_select_related = ("estate",)
    search_fields = ("name",)


class CareServiceForm(forms.ModelForm):
    """Form of a service: provider and resource belong to its estate, and the resource is one of care."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        estate = given.get("estate")
        for name in ("provider", "resource"):
            chosen = given.get(name)
            if estate and chosen and chosen.estate_id != estate.pk:
                self.add_error(name, _("This belongs to another estate."))
        resource = given.get("resource")
        if resource and resource.service != KEY:
            self.add_error("resource", _("These are the times of another service."))
        if given.get("needs_answer") and not given.get("question"):
            self.add_error("question", _("Please write what to ask, or let it be left out."))
        return given


@admin.register(CareService)
class CareServiceAdmin(EstateScopedAdmin):
    """Catalogue of services. Weekly hours and numbers of places are edited with the resource."""

    form = CareServiceForm
    list_display = (
        *("name", "kind", "provider", "price", "minutes", "booked_by", "is_offered", "position", "estate"),
    )
    list_filter = ("estate", "kind", "is_offered", "booked_by")
    list_select_related = ("provider", "estate")
    search_fields = ("name", "name_en", "provider__name")
    fieldsets = (
        (None, {"fields": ("estate", ("kind", "position", "is_offered"), "provider", "resource")}),
        (_("in words"), {"fields": (("name", "name_en"), "words", "words_en")}),
        (_("price and time"), {"fields": (("price_fen", "minutes", "notice_minutes"), "booked_by")}),
        (_("what to ask"), {"fields": ("question", "question_en", "needs_answer", "needs_carer")}),
    )

    @admin.display(description=_("price"), ordering="price_fen")
    def price(self, service: CareService) -> str:
        return as_yuan(service.price_fen)


class CarerForm(forms.ModelForm):
    """Form of a carer: the person must have the role of a carer in the provider's estate."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        provider, user = given.get("provider"), given.get("user")
        if provider is None:
            return given
        here = {"estate": provider.estate_id, "role": StaffRole.Role.CARER}
        if user and not StaffRole.objects.held_by(user).filter(**here).exists():
            self.add_error("user", _("This person has not the role of a carer in this estate."))
        services = given.get("services")
        if services is not None and any(service.provider_id != provider.pk for service in services):
            self.add_error("services", _("Please choose services of this provider only."))
        return given


@admin.register(Carer)
class CarerAdmin(EstateScopedAdmin):
    """Carers and the services that they do."""

    form = CarerForm
    estate_path = "provider__estate"
    list_display = ("user", "provider", "does_what", "is_active")
    list_filter = ("provider", "is_active")
    list_select_related = ("user", "provider")
    found_by = Ways(people=("user",))
    search_fields = ("provider__name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("services")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            carers = StaffRole.objects.filter(role=StaffRole.Role.CARER)
            own = StaffRole.objects.filter(user=request.user.pk).values("estate")
            carers = carers.filter(estate__in=own)
            kwargs["queryset"] = User.objects.filter(pk__in=carers.values("user")).order_by("pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        catalogue = self.admin_site._registry[CareService]  # noqa: SLF001
        kwargs["queryset"] = catalogue.get_queryset(request).select_related("estate")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("does what"))
    def does_what(self, carer: Carer) -> str:
        return "、".join(service.label for service in carer.services.all()) or str(
            _("everything of the provider")
        )


class HistoryInline(BaseHistoryInline):
    model = CareBookingChange
    fields = ("at", "step", "actor", "on_behalf_of", "carer_name", "starts_at", "reason")


class CareBookingResource(ExportResource):
    estate = Field(attribute="estate__name", column_name="小区")
    reference = Field(attribute="reference", column_name="单号")
    service = Field(attribute="service__name", column_name="服务")
    provider = Field(attribute="service__provider__name", column_name="服务商")
    resident = Field(attribute="resident__name", column_name="老人")
    home = Field(attribute="home", column_name="房屋")
    booked_by = Field(attribute="reported_by__name", column_name="预约人")
    starts_at = Field(attribute="place__slot__starts_at", column_name="服务时间")
    carer = Field(attribute="carer__name", column_name="护理员")
    status = Field(attribute="get_status_display", column_name="状态")
    price = Field(column_name="价格（元）")
    bill = Field(attribute="bill__reference", column_name="账单")
    thumb = Field(attribute="satisfaction__get_face_display", column_name="评价")

    class Meta:
        model = CareBooking
        fields = (
            *("estate", "reference", "service", "provider", "resident", "home", "booked_by", "starts_at"),
            *("carer", "status", "price", "bill", "thumb"),
        )

    def dehydrate_home(self, booking: CareBooking) -> str:
        return str(booking.home)

    def dehydrate_price(self, booking: CareBooking) -> Any:
        return hundredths(booking.price_fen)


@admin.register(CareBooking)
class CareBookingAdmin(PhoneReadRecorded, ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Bookings of the user's estates, read-only; the coordinator's pages move and assign them."""

    resource_classes = [CareBookingResource]
    list_display = (
        *("reference", "service", "resident", "home", "starts", "carer", "state", "price", "estate"),
    )
    list_filter = ("status", "service__kind", "estate", "place__slot__starts_at")
    list_select_related = (
        *("service__provider", "resident", "reported_by", "carer", "estate", "place__slot", "bill"),
        *("satisfaction", "home__entrance__building__estate"),
    )
    found_by = Ways(people=("resident", "reported_by", "carer"), homes=("home",), references=("reference",))
    fieldsets = (
        (None, {"fields": (("reference", "status"), ("service", "starts"), "home", "description")}),
        (_("people"), {"fields": (("resident", "resident_phone"), "reported_by", "carer")}),
        (_("price"), {"fields": ("price", "bill_shown", "thumb")}),
        (_("times"), {"fields": ("created_at", "status_changed_at")}),
    )
    readonly_fields = ("starts", "resident_phone", "price", "bill_shown", "thumb")
    inlines = [HistoryInline]

    def number_on(self, row: CareBooking) -> str:
        return row.resident.phone

    @display(description=_("state"), ordering="status", label=LABELS)
    def state(self, booking: CareBooking) -> tuple[str, str]:
        return booking.status, booking.get_status_display()

    @admin.display(description=_("time"), ordering="place__slot__starts_at")
    def starts(self, booking: CareBooking) -> Any:
        return booking.starts_at

    @admin.display(description=_("mobile number"))
    def resident_phone(self, booking: CareBooking) -> str:
        return booking.resident.phone_national

    @admin.display(description=_("price"), ordering="price_fen")
    def price(self, booking: CareBooking) -> str:
        return as_yuan(booking.price_fen)

    @admin.display(description=_("bill"))
    def bill_shown(self, booking: CareBooking) -> str:
        return booking.bill.reference if booking.bill else "–"

    @admin.display(description=_("satisfaction"))
    def thumb(self, booking: CareBooking) -> str:
        return str(booking.satisfaction.get_face_display()) if booking.satisfaction else "–"
