"""Filters of the admin lists of payments."""

from typing import Any

from django.contrib import admin

from services.fees import labels


class WayFilter(admin.AllValuesFieldListFilter):
    """Filters by channel and shows the channels' names."""

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        return [first, *({**choice, "display": labels.way(str(choice["display"]))} for choice in rest)]
