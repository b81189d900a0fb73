"""Declaration of estates."""

from django.utils.translation import gettext_lazy as _

from community.core.services import App, MenuGroup, MenuItem
from community.estates.columns import COLUMNS
from community.estates.nav import NAV

APP = App(
    nav=NAV,
    admin_menu=(
        MenuGroup(
            90,
            _("Estates and homes"),
            (
                MenuItem(_("Property companies"), "business", "estates.propertycompany"),
                MenuItem(_("Estates"), "location_city", "estates.estate"),
                MenuItem(_("Buildings"), "apartment", "estates.building"),
                MenuItem(_("Homes"), "door_front", "estates.home"),
                MenuItem(_("Public places"), "qr_code_2", "estates.publicplace"),
            ),
        ),
    ),
    columns=COLUMNS,
    beat={"carry-on-imports": {"task": "community.estates.tasks.sweep_imports", "schedule": 30}},
)
