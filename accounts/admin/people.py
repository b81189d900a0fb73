from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.admin import UserAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from import_export.resources import Field
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm

from accounts import actions
from accounts.admin_forms import ConfirmRosterForm, PersonCreationForm, PersonForm, RosterForm
from accounts.imports import RosterImport
from accounts.models import (
    FLAGS,
    Delegation,
    Residency,
    ResidencyChange,
    RosterEntry,
    StaffRole,
    User,
)
from accounts.policies import has_role, is_security_admin, may_end_role, must_end_role
from accounts.second_factor.office import AsksAgain
from community.core import clock
from community.core.admin_base import (
    BaseHistoryInline,
    EstateRights,
    EstateScopedAdmin,
    PhoneReadRecorded,
    ReadOnly,
    administration_of,
    estates_for,
)
from community.core.admin_paging import InUseFilter
from community.core.admin_verbs import ReasonForm, Variant, VerbButtons, verb_button
from community.core.exports import ExportAdmin, ExportResource
from community.core.search.filtering import Ways
from community.estates.admin_imports import SheetImportAdmin
from community.notifications.sms import masked

HOME_ESTATE = "home__entrance__building__estate"


class StaffRoleInline(EstateRights, TabularInline):
    model = StaffRole
    extra = 0

    def has_right(self, request: HttpRequest, verb: str, obj: Any = None) -> bool:
        """Roles are asked for on their own page, as a second person agrees to them."""
        return verb == "view" or (verb == "delete" and is_security_admin(request.user))  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        roles = super().get_queryset(request).select_related("estate", "user")
        if administration_of(request):
            return roles
        return roles.filter(estate__in=estates_for(request, "accounts.view_user"))


class UserResource(ExportResource):
    phone = Field(column_name="手机号")

    class Meta:
        model = User
        fields = ("name", "phone", "joined_at", "prefers_large")

    def dehydrate_phone(self, user: User) -> str:
        """Returns the masked number: whole numbers are shown on a person's page, where each view is recorded."""
        return user.masked_phone


@admin.register(User)
class PersonAdmin(AsksAgain, PhoneReadRecorded, ExportAdmin, EstateScopedAdmin, UserAdmin):  # type: ignore[misc]
    """People of the user's estates. Managers create and end staff accounts on the desk's own pages."""

    resource_classes = [UserResource]
    estate_path = ""
    form = PersonForm
    add_form = PersonCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("name", "phone_shown", "username", "prefers_large", "is_active", "joined_at")
    list_filter = ("is_active", "is_staff", "prefers_large", "staff_roles__role")
    found_by = Ways(people=("pk",))
    search_fields = ("username",)
    ordering = ("pk",)
    filter_horizontal = ()
    inlines = [StaffRoleInline]
    # Administrators are appointed by two, on pages of the desk.
    readonly_fields = ("joined_at", "last_login", "phone_verified_at", *FLAGS.values())
    fieldsets = (
        (None, {"fields": ("name", "phone", "checked", "phone_verified_at", "username", "password")}),
        (_("Settings"), {"fields": ("prefers_large", "language")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", *FLAGS.values())}),
        (_("Dates"), {"fields": ("joined_at", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "name", "phone", "password1", "password2")}),)

    def rows_of(self, rows: QuerySet[Any], estates: set[int]) -> QuerySet[Any]:
        """Limits to people who live there, have requested a home there or work there; former residents are
        left out.
        """
        living = User.objects.living_in(estates).values("pk")  # type: ignore[arg-type]
        working = StaffRole.objects.filter(estate__in=estates).values("user")
        return rows.filter(Q(pk__in=living) | Q(pk__in=working))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leaves other administrators to the acts by two: number and password would open their account."""
        is_another = obj is not None and obj.administration and obj.pk != request.user.pk
        return not is_another and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hides the password and the rights from users who may only view."""
        shown = super().get_fieldsets(request, obj)
        if is_security_admin(request.user) or obj is None:  # type: ignore[arg-type]
            return shown
        return ((None, {"fields": ("name", "phone", "username", "prefers_large", "is_active", "joined_at")}),)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is StaffRole:
            for below in formset.deleted_forms:
                if below.instance.pk:
                    must_end_role(request.user, below.instance)  # type: ignore[arg-type]
        super().save_formset(request, form, formset, change)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Changes a number through ``change_number``; an administrator who changes their own stays signed in."""
        phone = obj.phone
        is_new_number = change and "phone" in form.changed_data
        if is_new_number:
            obj.phone = User.objects.get(pk=obj.pk).phone
        super().save_model(request, obj, form, change)
        if is_new_number:
            checked = form.cleaned_data["checked"]
            actions.change_number(user=obj, phone=phone, by=request.user, checked=checked, now=clock.now())  # type: ignore[arg-type]
            if obj == request.user:
                update_session_auth_hash(request, obj)

    @admin.display(description=_("mobile number"))
    def phone_shown(self, user: User) -> str:
        return user.masked_phone


class StaffRoleResource(ExportResource):
    user = Field(attribute="user__name", column_name="姓名")
    role = Field(attribute="get_role_display", column_name="岗位")
    estate = Field(attribute="estate__name", column_name="小区")

    class Meta:
        model = StaffRole
        fields = ("user", "role", "estate")


@admin.register(StaffRole)
class StaffRoleAdmin(AsksAgain, ExportAdmin, EstateScopedAdmin):
    """Staff roles, asked for and ended by the manager, recorded and never edited.

    A second person agrees to each. Users never give a role to themselves, and only security
    administrators appoint auditors.
    """

    resource_classes = [StaffRoleResource]
    list_display = ("user", "role", "estate")
    list_filter = ("estate", "role")
    list_select_related = ("user", "estate")
    found_by = Ways(people=("user",))
    search_fields = ("user__username",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            people = self.admin_site._registry[User].get_queryset(request)  # noqa: SLF001
            kwargs["queryset"] = people.exclude(username=None).exclude(pk=request.user.pk)
            kwargs["queryset"] = kwargs["queryset"].exclude(pk__in=User.objects.administering())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role" and not is_security_admin(request.user):  # type: ignore[arg-type]
            kwargs["choices"] = [one for one in StaffRole.Role.choices if one[0] != StaffRole.Role.AUDITOR]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or may_end_role(request.user, obj))  # type: ignore[arg-type]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Asks for the role: a row is there only if nobody else could agree."""
        new = actions.NewRole(obj.user, obj.estate, obj.role, obj.starts_on, obj.ends_on)
        actions.ask_role(new, by=request.user, now=clock.now())  # type: ignore[arg-type]
        same = StaffRole.ever.filter(user=obj.user, estate=obj.estate, role=obj.role)
        obj.pk = same.values_list("pk", flat=True).first()

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, obj, message) if obj.pk else None

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        if obj.pk:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("Asked. A second person has to agree."))
        return redirect("admin:accounts_staffrole_changelist")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        must_end_role(request.user, obj)  # type: ignore[arg-type]
        super().delete_model(request, obj)

    def audit_detail(self, row: StaffRole) -> dict[str, Any]:
        return {"user": row.user_id, "estate": row.estate_id, "role": row.role}


class RosterResource(ExportResource):
    building = Field(attribute="home__entrance__building__name", column_name="楼栋")
    entrance = Field(attribute="home__entrance__name", column_name="单元")
    number = Field(attribute="home__number", column_name="房号")
    name = Field(attribute="name", column_name="姓名")
    phone = Field(column_name="手机号")
    landline = Field(attribute="landline", column_name="固定电话")
    kind = Field(attribute="get_kind_display", column_name="身份")
    birth_year = Field(attribute="birth_year", column_name="出生年份")

    class Meta:
        model = RosterEntry
        fields = ("building", "entrance", "number", "name", "phone", "landline", "kind", "birth_year")

    def dehydrate_phone(self, entry: RosterEntry) -> str:
        return entry.phone.removeprefix("+86")


@admin.register(RosterEntry)
class RosterAdmin(PhoneReadRecorded, SheetImportAdmin, ExportAdmin, EstateScopedAdmin):
    resource_classes = [RosterResource]
    exports_numbers = True
    sheet_import = RosterImport
    confirm_form_class = ConfirmRosterForm
    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    estate_path = HOME_ESTATE
    form = RosterForm
    fields = (
        *("home", "name", "phone", "checked", "landline"),
        *("kind", "birth_year", "confirmed_at", "ended_at"),
    )
    list_display = ("name", "phone_shown", "home", "kind", "confirmed_at", "ended_at")
    list_filter = (
        HOME_ESTATE,
        "kind",
        ("ended_at", admin.EmptyFieldListFilter),
        ("home__entrance__building", InUseFilter),
    )
    list_select_related = (HOME_ESTATE,)
    found_by = Ways(lines=("pk",), homes=("home",))
    autocomplete_fields = ("home",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        return type("RosterFormOf", (form,), {"filled_in_by": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Makes the home read-only on existing entries: a person who moves gets another entry."""
        return ("confirmed_at", "ended_at", *(("home",) if obj is not None else ()))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saves through the same actions as the desk's pages."""
        by: Any = request.user
        if change:
            stored = RosterEntry.objects.get(pk=obj.pk)
            words = actions.RosterDetails(obj.name, obj.kind, obj.birth_year, obj.landline)
            checked, now = form.cleaned_data["checked"], clock.now()
            actions.replace_roster_entry(
                entry=stored, words=words, phone=obj.phone, by=by, checked=checked, now=now
            )
        else:
            actions.add_roster_entry(line=obj, by=by, now=clock.now())
        self.record_change(request, obj, "changed" if change else "added", fields=form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Moves out the person whose home rests on this entry; the ended residency remains as the record."""
        actions.end_roster_entry(entry=obj, by=request.user, now=clock.now())  # type: ignore[arg-type]
        super().delete_model(request, obj)

    @admin.display(description=_("mobile number"))
    def phone_shown(self, entry: RosterEntry) -> str:
        number = self.number_on(entry)
        return masked(number).removeprefix("+86") if number else ""

    def number_on(self, row: RosterEntry) -> str:
        return row.phone or row.landline


class ResidencyHistory(BaseHistoryInline):
    model = ResidencyChange


class ResidencyResource(ExportResource):
    home = Field(column_name="房屋")
    user = Field(attribute="user__name", column_name="姓名")
    kind = Field(attribute="get_kind_display", column_name="身份")
    status = Field(attribute="get_status_display", column_name="状态")
    created_at = Field(attribute="created_at", column_name="登记时间")

    class Meta:
        model = Residency
        fields = ("home", "user", "kind", "status", "created_at")

    def dehydrate_home(self, residency: Residency) -> str:
        return str(residency.home)


@admin.register(Residency)
class ResidencyAdmin(VerbButtons, ReadOnly, ExportAdmin, EstateScopedAdmin):
    """Residencies. Buttons answer requests through the same actions as the desk's pages."""

    resource_classes = [ResidencyResource]
    estate_path = HOME_ESTATE
    list_display = ("user", "home", "kind", "status", "created_at")
    list_filter = ("status", "kind", HOME_ESTATE)
    list_select_related = ("user", HOME_ESTATE)
    found_by = Ways(people=("user",), homes=("home",))
    fields = ("user", "home", "kind", "status", "words", "created_at", "status_changed_at")
    inlines = [ResidencyHistory]
    actions_detail = ("approve_residency", "decline_residency", "move_out")

    approve_residency = verb_button(
        "approve_residency",
        _("Approve"),
        explains=_("This person lives here or owns this home."),
        variant=Variant.PRIMARY,
    )
    decline_residency = verb_button(
        "decline_residency", _("Decline"), explains=_("The person reads the reason."), form=ReasonForm
    )
    move_out = verb_button(
        "move_out",
        _("Move out"),
        explains=_("The person no longer lives here."),
        form=ReasonForm,
        variant=Variant.DANGER,
    )

    def allowed_here(self, request: HttpRequest, row: Residency) -> set[str]:
        if not has_role(request.user, row.home.estate.pk, *StaffRole.DESK):  # type: ignore[arg-type]
            return set()
        return {
            Residency.Status.REQUESTED: {"approve_residency", "decline_residency"},
            Residency.Status.ACTIVE: {"move_out"},
        }.get(Residency.Status(row.status), set())

    def perform(self, request: HttpRequest, verb: str, row: Residency, filled: dict[str, Any]) -> None:
        reason = {"reason": filled["reason"]} if "reason" in filled else {}
        getattr(actions, verb)(residency=row, by=request.user, now=clock.now(), **reason)


@admin.register(Delegation)
class DelegationAdmin(ReadOnly, EstateScopedAdmin):
    """Delegations, read-only: only the resident and the delegate change them."""

    estate_path = ""
    list_display = ("resident", "delegate", "service", "relation", "created_at", "ends_on", "ended_at")
    list_filter = ("service", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("resident", "delegate")
    found_by = Ways(people=("resident", "delegate"))

    def rows_of(self, rows: QuerySet[Any], estates: set[int]) -> QuerySet[Any]:
        return rows.filter(resident__in=User.objects.living_in(estates))  # type: ignore[arg-type]
