from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RenovationConfig(AppConfig):
    name = "services.renovation"
    verbose_name = _("Renovation")

    def ready(self) -> None:
        from community.core import events
        from community.core.services import register
        from community.notices import audiences
        from services.renovation import audience
        from services.renovation.actions import moving_out, reminders
        from services.renovation.service import SERVICE

        register(SERVICE)
        events.place_offered.connect(reminders.tell_of_offer, service=SERVICE.key)
        events.place_lapsed.connect(reminders.tell_of_lapse, service=SERVICE.key)
        events.residency_ended.connect(moving_out.leave_home)
        audiences.register_source("renovation", groups=audience.groups, homes=audience.homes)
