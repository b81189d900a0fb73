from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RepairsConfig(AppConfig):
    name = "services.repairs"
    label = "repairs"
    verbose_name = _("Repairs")

    def ready(self) -> None:
        from community.core import events
        from community.core.services import register
        from community.notifications.topics import everything, of_row, watch_all
        from services.repairs import handlers
        from services.repairs.models import Repair, RepairCategory
        from services.repairs.service import SERVICE

        register(SERVICE)
        events.residency_ended.connect(handlers.residency_ended)
        events.alarm_taken.connect(handlers.alarm_taken, service=SERVICE.key)
        events.warranty_claimed.connect(handlers.warranty_claimed, service=SERVICE.key)
        watch_all(of_row("repairs"), Repair)
        watch_all(everything, RepairCategory)
