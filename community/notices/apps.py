from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "community.notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from community.core.services import register_nav
        from community.notices.nav import NAV

        register_nav(self.label, NAV)
