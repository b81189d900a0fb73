from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "services.common"
    label = "common"
    verbose_name = _("Alarms and satisfaction")

    def ready(self) -> None:
        from community.core.services import register_app
        from services.common.declaration import APP

        register_app(self.name, APP)
