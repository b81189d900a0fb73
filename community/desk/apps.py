from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "community.desk"
    label = "desk"
    verbose_name = _("Figures")

    def ready(self) -> None:
        from community.core.services import register_nav
        from community.desk.nav import NAV

        register_nav(self.label, NAV)
