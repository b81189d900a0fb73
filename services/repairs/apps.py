from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RepairsConfig(AppConfig):
    name = "services.repairs"
    label = "repairs"
    verbose_name = _("Repairs")

    def ready(self) -> None:
        from community.core import events
        from community.core.services import register
        from services.repairs import handlers
        from services.repairs.actions import moving_out
        from services.repairs.service import SERVICE

        register(SERVICE)
        events.residency_ended.connect(moving_out.leave_home)
        events.warranty_claimed.connect(handlers.repair_under_warranty, service=SERVICE.key)
