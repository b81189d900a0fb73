"""Settings of unfold, imported by the settings file.

Values that need Django's pages are in ``admin_menu``, named by path, because ``make demo`` reads the settings
first and must not wait for them.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

BACK_OFFICE: dict[str, Any] = {
    "SITE_TITLE": _("Back office"),
    "SITE_HEADER": _("Back office"),
    "SITE_SYMBOL": "home_work",
    "SITE_FAVICONS": [{"rel": "icon", "href": "community.admin_menu.mark", "type": "image/svg+xml"}],
    "SITE_URL": "/staff/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "STYLES": ["community.admin_menu.style"],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "community.admin_menu.navigation",
    },
}
