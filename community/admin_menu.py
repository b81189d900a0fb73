"""Side bar, logo and colours of the admin, named by path in ``BACK_OFFICE``."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from community.core.services import MenuItem, all_on


def mark(request: HttpRequest) -> str:
    return static("img/mark.svg")


def style(request: HttpRequest) -> str:
    """Returns the address of our colours, a file because the policy forbids inline styles."""
    return static("css/admin.css")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Returns the side bar, without items that the user may not view."""
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
