"""Pages and filters of the admin's lists, however long the list is."""

import json
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

# Rows that are counted and can be paged through; further ones are found by filters and the search.
COUNTED = 10_000


class LongListPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most ``COUNTED`` rows, so that a list of millions opens as fast as a short one."""

    template_name = "admin/long_list_pages.html"

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: COUNTED + 1].count())

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        """Returns the number of rows that can be paged through."""
        return min(self._counted, COUNTED)

    @property
    def is_cut(self) -> bool:
        """Whether the list has more rows than can be paged through."""
        return self._counted > COUNTED

    @property
    def counted(self) -> str:
        """Returns the number of rows that can be paged through, such as "10,000"."""
        return f"{self.count:,}"

    @cached_property
    def about(self) -> str:
        """Returns about how many rows there are, such as "3,100,000", or "" where the database cannot say.

        PostgreSQL estimates from its statistics without reading the rows; two digits of that are honest.
        """
        rows: Any = self.object_list
        if connections[rows.db].vendor != "postgresql":
            return ""
        plan = json.loads(rows.order_by().values("pk").explain(format="json"))
        found = max(int(plan[0]["Plan"]["Plan Rows"]), COUNTED)
        return f"{round(found, 2 - len(str(found))):,}"


class InUseFilter(admin.RelatedFieldListFilter):
    """Offers the related rows that the list has.

    Django's ``RelatedOnlyFieldListFilter`` reads every row of the list to find them; this one asks for the
    first of each.
    """

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        rows: Any = model_admin.get_queryset(request)
        *steps, last = self.field_path.split("__")
        for step in steps:
            # A subquery a step: the database stops at the first row of each, which it does not of a join.
            related = rows.model._meta.get_field(step).related_model
            rows = related.objects.filter(Exists(rows.filter(**{step: OuterRef("pk")})))
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to=Q(Exists(rows.filter(**{last: OuterRef("pk")}))),
        )
