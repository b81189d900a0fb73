"""The back office's side bar, its mark and its colours: what ``BACK_OFFICE`` names by path."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from community.core.services import MenuItem, all_on


def mark(request: HttpRequest) -> str:
    return static("img/mark.svg")


def style(request: HttpRequest) -> str:
    """Our colours, as a file: our policy lets no page hold a style of its own."""
    return static("css/admin.css")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar, by what staff do; what one may not see is not there."""
    groups: dict[int, dict[str, Any]] = {}
    for group in (group for app in all_on() for group in app.admin_menu):
        entry: dict[str, Any] = {"title": group.title, "separator": True, "items": []}
        groups.setdefault(group.position, entry)["items"] += [_item(one) for one in group.items]
    return [
        group
        for _position, group in sorted(groups.items())
        if any(item["permission"](request) for item in group["items"])
    ]


def _item(item: MenuItem) -> dict[str, Any]:
    app, name = item.model.split(".")

    def may_view(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}")  # type: ignore[union-attr]

    def address(request: HttpRequest) -> str:
        return reverse(f"admin:{app}_{name}_changelist")

    return {"title": item.title, "icon": item.icon, "link": address, "permission": may_view}
