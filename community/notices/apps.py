from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "community.notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from community.core.services import register_app
        from community.notices.declaration import APP

        register_app(self.name, APP)
