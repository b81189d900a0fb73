"""Bases of the admin's lists: rights by role, rows by estate, one search, Excel export.

Rights come from ``has_perm``, answered by the roles for the estate of a row (see ``accounts.backends``). Rows
of other estates are invisible.
"""

from dataclasses import replace
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_permission_codename
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from community.core import amounts, audit
from community.core.admin_log import NamelessLog
from community.core.admin_paging import LongListPaginator
from community.core.encryption import Encrypted
from community.core.errors import Refusal, as_refused
from community.core.hours import END_HELP, EndTimeField
from community.core.icon_field import IconField
from community.core.search.filtering import Ways, search_rows
from community.core.search.hints import hint
from community.core.transitions import StatusChange


def estates_for(request: HttpRequest, permission: str) -> set[int]:
    """Returns the keys of the estates in which the request's user has this right."""
    roles = getattr(request, "admin_estates", None)
    if roles is None:
        roles = set(request.user.staff_roles.values_list("estate", flat=True))  # type: ignore[union-attr]
        request.admin_estates = roles  # type: ignore[attr-defined]
    return {pk for pk in roles if request.user.has_perm(permission, pk)}


def administration_of(request: HttpRequest) -> str:
    """Returns the administration of the request's user, which holds in every estate; "" without one."""
    found: str = getattr(request.user, "administration", "")
    return found


class EstateRights:
    """Rights that differ by estate; shared by lists and their inlines."""

    model: type[models.Model]
    opts: Any
    # Lookup from a row to its estate; empty for rows without one.
    estate_path: ClassVar[str] = "estate"
    # Whether hours of these rows must end before midnight.
    ends_within_the_day: ClassVar[bool] = False

    def right(self, verb: str) -> str:
        return f"{self.opts.app_label}.{get_permission_codename(verb, self.opts)}"

    def has_right(self, request: HttpRequest, verb: str, obj: models.Model | None = None) -> bool:
        if administration := administration_of(request):
            may = request.user.has_perm(self.right(verb))  # type: ignore[union-attr]
            return may and (obj is None or self._is_shown_to(administration, obj))
        if obj is None:
            return request.user.has_perm(self.right(verb))  # type: ignore[union-attr]
        estates = estates_for(request, self.right(verb))
        stored = type(obj)._default_manager.filter(pk=obj.pk)  # type: ignore[attr-defined]
        return bool(estates) and self.rows_of(stored, estates).exists()

    def rows_for(self, rows: QuerySet[Any], administration: str) -> QuerySet[Any]:
        """Limits to what an administrator with a right to this list sees of it."""
        return rows

    def _is_shown_to(self, administration: str, obj: models.Model) -> bool:
        stored = type(obj)._default_manager.filter(pk=obj.pk)  # type: ignore[attr-defined]
        return self.rows_for(stored, administration).exists()

    def rows_of(self, rows: QuerySet[Any], estates: set[int]) -> QuerySet[Any]:
        """Limits to rows of these estates."""
        return rows.filter(**{f"{self.estate_path}__in": estates}) if self.estate_path else rows

    def estate_of(self, row: models.Model) -> int | None:
        """Returns the key of the only estate of a stored row; None if there are several or none."""
        if not self.estate_path:
            return None
        stored = type(row)._default_manager.filter(pk=row.pk)  # type: ignore[attr-defined]
        found = set(stored.values_list(self.estate_path, flat=True)[:2])
        return found.pop() if len(found) == 1 else None

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Returns fields in yuan and m² for amounts and areas, and drawings for an icon."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if db_field.name == "icon" and field is not None:
            return IconField(
                label=field.label,
                initial=field.initial,
                required=field.required,
                is_folded=isinstance(self, TabularInline),
            )
        is_end = db_field.name == "closes" and isinstance(db_field, models.TimeField)
        if is_end and field is not None and not self.ends_within_the_day:
            return EndTimeField(label=field.label, help_text=END_HELP, widget=field.widget)
        typed = amounts.typed_as(db_field)
        if typed is None or field is None:
            return field
        return typed(
            label=field.label,
            help_text=field.help_text,
            required=field.required,
            initial=field.initial,
            widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Shows amounts in yuan and m² to users who may only view."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**given, "fields": _readable_fields(self.model, given["fields"])})
            for title, given in fieldsets
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "delete", obj)


def _readable_fields(model: type[models.Model], names: Any) -> list[Any]:
    return [
        tuple(_readable_fields(model, name))
        if isinstance(name, (list, tuple))
        else _readable_field(model, name)
        for name in names
    ]


def _readable_field(model: type[models.Model], name: Any) -> Any:
    """Returns the field's name, or a column that shows its value in yuan or m²."""
    found = next((field for field in model._meta.fields if field.name == name), None)
    typed = amounts.typed_as(found)
    if found is None or typed is None:
        return name

    @admin.display(description=found.verbose_name)
    def amount(row: models.Model) -> str:
        return amounts.in_words(getattr(row, name), typed.decimals)

    return amount


class ChildInline(EstateRights, TabularInline):
    """Inline whose rights are those of the row above."""

    extra = 0
    estate_path = ""


class ReadOnly:
    """Mixin for rows that the admin shows and never writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(ReadOnly, EstateRights, TabularInline):
    """Read-only inline, visible to all who see the row above."""

    extra = 0
    tab = True
    # Hides titles, which would be English names with numbers.
    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class BaseHistoryInline(ReadOnlyInline):
    """Status history of a row, in words."""

    verbose_name_plural = _("history")
    fields: tuple[str, ...] = ("at", "step", "actor", "on_behalf_of", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor", "on_behalf_of")

    @admin.display(description=_("step"))
    def step(self, change: StatusChange) -> str:
        return str(self.parent_model.Status(change.to_status).label)  # type: ignore[attr-defined]


def _refused(form: type[Any], refusal: Refusal) -> type[Any]:
    """Returns the form class with the refusal of an action as an error, at its field if the form has it."""

    class Refused(form):  # type: ignore[misc]
        def _post_clean(self) -> None:
            super()._post_clean()
            field = refusal.field if refusal.field in self.fields else None
            self.add_error(field, str(refusal.message))

    return Refused


class EstateScopedAdmin(NamelessLog, EstateRights, ModelAdmin):
    """Base of every list in the admin."""

    # Search by people, homes and references; ``search_fields`` are other words.
    found_by: ClassVar[Ways] = Ways()
    list_per_page = 50
    show_full_result_count = False
    paginator = LongListPaginator
    list_filter_submit = True
    list_filter_sheet = False
    list_fullwidth = True
    warn_unsaved_form = True
    actions = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Placeholder of the search box.
        self.search_help_text = hint(self.found_by) or None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if administration := administration_of(request):
            return self.rows_for(rows, administration)
        return self.rows_of(rows, estates_for(request, self.right("view")))

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        """Marks the answer as one about a row that is not there, or not in the person's estates."""
        answer = super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        answer.is_missing = True
        return answer

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Returns the list; raises ``IncorrectLookupParameters`` for impossible dates."""
        try:
            found = super().get_changelist_instance(request)
        except (OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error
        if found.paginator.is_cut:
            # Finding out the years of millions of rows reads them all.
            found.date_hierarchy = None
        return found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Returns initial values from the address, without invalid keys."""
        filled = super().get_changeform_initial_data(request)
        return {name: value for name, value in filled.items() if self._can_be(name, value)}

    def _can_be(self, name: str, value: Any) -> bool:
        try:
            field: Any = self.opts.get_field(name)
            if field.is_relation:
                field.target_field.to_python(value)
        except (FieldDoesNotExist, ValidationError):
            return False
        return True

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Searches by keys and by any part of the words in the search fields."""
        words = (*self.found_by.words, *self.search_fields)
        return search_rows(queryset, search_term, replace(self.found_by, words=words)), False

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Leaves out encrypted columns, whose stored values are in no order."""
        sealed = {field.name for field in self.opts.concrete_fields if isinstance(field, Encrypted)}
        return [name for name in super().get_sortable_by(request) if name not in sealed]

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Returns a non-empty value if the list can be searched: Django shows the box then."""
        return self.search_fields or (("pk",) if self.found_by else ())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Limits choices to rows visible in their own list, and estates to those the user may write in."""
        related = self.admin_site._registry.get(db_field.remote_field.model)  # noqa: SLF001
        if related is not None and "queryset" not in kwargs:
            kwargs["queryset"] = related.get_queryset(request)
        first, _, rest = self.estate_path.partition("__")
        if db_field.name == first and "queryset" in kwargs and not administration_of(request):
            writable = estates_for(request, self.right("add")) | estates_for(request, self.right("change"))
            kwargs["queryset"] = kwargs["queryset"].filter(**{f"{rest or 'pk'}__in": writable})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Uses checkboxes, since few people know how to select several rows of a list."""
        kwargs.setdefault("widget", UnfoldAdminCheckboxSelectMultipleWidget())
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Shows the refusal of an action in the form, which keeps its input."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as error:
            if request.method != "POST":
                raise
            request.admin_refusal = error  # type: ignore[attr-defined]
            page = super().changeform_view(request, object_id, form_url, extra_context)
            page.status_code = error.status
            return as_refused(page, error)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        refusal: Refusal | None = getattr(request, "admin_refusal", None)
        return form if refusal is None else _refused(form, refusal)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saves the row and requires the right in its former and its new estate.

        The check reads the stored row; the page's transaction rolls back a forbidden change.
        """
        verb = "change" if change else "add"
        if change and not self.has_right(request, verb, obj):
            raise PermissionDenied
        super().save_model(request, obj, form, change)
        if not self.has_right(request, verb, obj):
            raise PermissionDenied
        self.record_change(request, obj, "changed" if change else "added", fields=form.changed_data)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Records rows of inlines as if they were written in their own list."""
        for row in getattr(formset, "deleted_forms", []):
            if row.instance.pk:
                self._below(row.instance).record_change(request, row.instance, "deleted")
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self._below(row).record_change(request, row, "added")
        for row, fields in formset.changed_objects:
            self._below(row).record_change(request, row, "changed", fields=fields)

    def _below(self, row: models.Model) -> "EstateScopedAdmin":
        own = self.admin_site._registry.get(type(row), self)  # noqa: SLF001
        return own if isinstance(own, EstateScopedAdmin) else self

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.record_change(request, obj, "deleted")
        super().delete_model(request, obj)

    def audit_detail(self, row: Any) -> dict[str, Any]:
        """Returns further details for the audit record of a change: only ids and codes."""
        return {}

    def record_change(self, request: HttpRequest, row: models.Model, verb: str, **detail: Any) -> None:
        """Writes the audit record of a change with the names of the fields, never their values."""
        audit.record(
            f"office.{verb}",
            by=request.user,
            target=row,
            estate_id=self.estate_of(row) if isinstance(row, self.model) else None,
            request=request,
            **detail,
            **(self.audit_detail(row) if isinstance(row, self.model) else {}),
        )


class PhoneReadRecorded:
    """Mixin for pages with a whole mobile number: each view is recorded. Lists mask the number."""

    def number_on(self, row: Any) -> str:
        return str(row.phone)

    def render_change_form(
        self, request: HttpRequest, context: Any, add: bool = False, change: bool = False, **kwargs: Any
    ) -> Any:
        row = kwargs.get("obj")
        if change and row is not None and self.number_on(row):
            estate = self.estate_of(row)  # type: ignore[attr-defined]
            audit.record_number_read(row, by=request.user, estate_id=estate, request=request)
        return super().render_change_form(request, context, add=add, change=change, **kwargs)  # type: ignore[misc]
