from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "community.desk"
    label = "desk"
    verbose_name = _("Figures")

    def ready(self) -> None:
        from community.core.services import register_app
        from community.desk.declaration import APP

        register_app(self.name, APP)
