"""Repairs on the resident's home page."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.core.services.home import (
    FamilyLine,
    Home,
    HomeDoor,
    HomeLink,
    HomePart,
    HomeTab,
    WelcomeLine,
)
from services.repairs import timeline
from services.repairs.models import Repair

SHOWN = 3


def _open_repairs(user: User, now: datetime) -> dict[str, Any]:
    """Returns the context of the household's first open repairs."""
    repairs = Repair.objects.of_household(user).open().with_people()[:SHOWN]
    shown = [{"repair": repair, "line": timeline.line(repair)} for repair in repairs]
    return {"under_way": shown} if shown else {}


HOME = Home(
    parts=(HomePart(position=50, template="repairs/home_part.html", context=_open_repairs),),
    doors=(
        HomeDoor(
            position=20,
            url_name="report_begin",
            label=_("Repairs"),
            icon="tool",
            kind="repair",
            hint=_("Broken?"),
        ),
    ),
    tiles=(HomeLink(position=10, url_name="report_begin", label=_("Repairs"), icon="tool", tone="repair"),),
    tabs=(
        HomeTab(
            position=10,
            key="mine",
            url_name="repairs",
            label=pgettext_lazy("tab", "My requests"),
            icon="clipboard",
        ),
    ),
    more=(HomeLink(position=30, url_name="repairs", label=_("My repairs"), icon="clipboard", tone="repair"),),
    family=FamilyLine(
        position=20,
        url_name="report_begin",
        words=_("Report a repair for them"),
        icon="heart",
        tone="care",
    ),
    welcome=(
        WelcomeLine(
            position=10,
            title=_("Report a repair"),
            sub=_("With a picture; follow who comes and when"),
            icon="tool",
            tone="repair",
        ),
    ),
)
