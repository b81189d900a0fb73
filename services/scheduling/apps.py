from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchedulingConfig(AppConfig):
    name = "services.scheduling"
    label = "scheduling"
    verbose_name = _("Appointments and places")

    def ready(self) -> None:
        from community.core.services import register_app
        from services.scheduling.declaration import APP

        register_app(self.name, APP)
