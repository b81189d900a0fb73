"""The way that money came, in words."""

from typing import Any

from django.contrib import admin

from services.fees import labels


class WayFilter(admin.AllValuesFieldListFilter):
    """By the way the money came, in words."""

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [first, *({**one, "display": labels.way(str(one["display"]))} for one in rest)]
