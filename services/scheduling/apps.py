from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchedulingConfig(AppConfig):
    name = "services.scheduling"
    label = "scheduling"
    verbose_name = _("Appointments and places")

    def ready(self) -> None:
        from community.core.services import register_app
        from community.notifications.topics import everything, of_row, watch_all
        from services.scheduling.declaration import APP
        from services.scheduling.models import Place, Resource, Slot, Waiting

        register_app(self.name, APP)
        watch_all(of_row(), Waiting)
        # Places are taken, and slots counted and made, by statements that show on nobody's page by themselves.
        watch_all(of_row(), Place, by_statement=False)
        watch_all(everything, Slot, by_statement=False)
        watch_all(everything, Resource)
