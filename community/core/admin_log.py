"""Django's log of the admin without names: it keeps the words of a row in clear, for ever."""

from typing import Any

from django.db.models import Model


class _Unnamed:
    """Stands for a row in the log: its kind and key."""

    def __init__(self, row: Model) -> None:
        self._meta, self.pk = row._meta, row.pk

    def __str__(self) -> str:
        return f"#{self.pk}"


class NamelessLog:
    """Part of an admin list: writes keys into the log, in place of names and addresses."""

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        return super().log_addition(request, _Unnamed(obj), message)  # type: ignore[misc]

    def log_change(self, request: Any, obj: Any, message: Any) -> Any:
        return super().log_change(request, _Unnamed(obj), message)  # type: ignore[misc]

    def log_deletions(self, request: Any, queryset: Any) -> Any:
        return super().log_deletions(request, [_Unnamed(row) for row in queryset])  # type: ignore[misc]

    def construct_change_message(self, request: Any, form: Any, formsets: Any, add: bool = False) -> Any:
        """Leaves out the words of the rows that were edited with this one."""
        message = super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]
        return [
            {verb: {name: value for name, value in said.items() if name != "object"}}
            for step in message
            for verb, said in step.items()
        ]
