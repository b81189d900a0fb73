"""What every list of the back office shares: rights by role, rows by estate, search by phone, Excel.

Who may is asked of the person (``has_perm``, which the roles answer, see ``accounts.backends``), for
the estate that a row belongs to. Rows of other estates are not there at all.
"""

import re
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib.auth import get_permission_codename
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from community.core import audit
from community.core.encryption import blind_index

MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")


def estates_for(request: HttpRequest, permission: str) -> set[int]:
    """The numbers of the estates in which the person of this request has this right."""
    roles = getattr(request, "office_estates", None)
    if roles is None:
        roles = set(request.user.staff_roles.values_list("estate", flat=True))  # type: ignore[union-attr]
        request.office_estates = roles  # type: ignore[attr-defined]
    return {pk for pk in roles if request.user.has_perm(permission, pk)}


class OfficeRights:
    """Rights that differ by estate; shared by lists and by the inlines below them."""

    model: type[models.Model]
    opts: Any
    # The way from a row to its estate, as a lookup; empty for what belongs to no estate.
    estate_path: ClassVar[str] = "estate"

    def right(self, verb: str) -> str:
        return f"{self.opts.app_label}.{get_permission_codename(verb, self.opts)}"

    def has_right(self, request: HttpRequest, verb: str, obj: models.Model | None = None) -> bool:
        if request.user.is_superuser:  # type: ignore[union-attr]
            return request.user.is_active
        if obj is None or not self.estate_path:
            return request.user.has_perm(self.right(verb))  # type: ignore[union-attr]
        estates = estates_for(request, self.right(verb))
        owned = type(obj)._default_manager.filter(pk=obj.pk)  # type: ignore[attr-defined]
        return owned.filter(**{f"{self.estate_path}__in": estates}).exists()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_right(request, "delete", obj)


class ReadOnly:
    """Rows that the back office shows and never writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfficeAdmin(OfficeRights, ModelAdmin):
    """The base of every list in the back office."""

    # Blind indexes that a typed mobile number is looked up in.
    phone_paths: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    list_filter_sheet = False
    list_fullwidth = True
    warn_unsaved_form = True
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser or not self.estate_path:  # type: ignore[union-attr]
            return rows
        return rows.filter(**{f"{self.estate_path}__in": estates_for(request, self.right("view"))})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A whole mobile number is found by its blind index; anything else by the search fields."""
        typed = MOBILE.fullmatch(re.sub(r"[\s-]", "", search_term))
        if typed and self.phone_paths:
            index = blind_index(f"+86{typed[1]}")
            return queryset.filter(reduce(or_, (Q(**{path: index}) for path in self.phone_paths))), False
        return super().get_search_results(request, queryset, search_term)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """One can choose only what one sees in its own list."""
        related = self.admin_site._registry.get(db_field.remote_field.model)  # noqa: SLF001
        if related is not None and "queryset" not in kwargs:
            kwargs["queryset"] = related.get_queryset(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record_change(request, obj, "changed" if change else "added", fields=form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        record_change(request, obj, "deleted")
        super().delete_model(request, obj)


def record_change(request: HttpRequest, obj: models.Model, verb: str, **detail: Any) -> None:
    """Which fields of what were written in the back office; never their values."""
    audit.record(f"office.{verb}", by=request.user, target=obj, request=request, **detail)
