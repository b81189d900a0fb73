from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    name = "services.care"
    label = "care"
    verbose_name = _("Elderly care")

    def ready(self) -> None:
        from community.core import events
        from community.core.services import register
        from community.notifications.topics import everything, of_row, watch_all
        from services.care import handlers
        from services.care.models import CareBooking, CareService, Provider
        from services.care.service import SERVICE

        register(SERVICE)
        events.place_lapsed.connect(handlers.place_lapsed, service=SERVICE.key)
        events.place_offered.connect(handlers.place_offered, service=SERVICE.key)
        events.residency_ended.connect(handlers.residency_ended)
        events.role_ended.connect(handlers.role_ended)
        events.consent_withdrawn.connect(handlers.consent_withdrawn)
        handlers.connect()
        watch_all(of_row("care"), CareBooking)
        watch_all(everything, CareService, Provider)
