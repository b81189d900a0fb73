from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelpConfig(AppConfig):
    name = "services.help"
    label = "help"
    verbose_name = _("Help")

    def ready(self) -> None:
        from community.core import events
        from community.core.services import register
        from community.notifications.topics import of_row, watch_all
        from services.common.alarms import register_duty
        from services.help import handlers
        from services.help.actions import carry_out_on_poll
        from services.help.models import DutyLeave, DutyShift, HelpCall
        from services.help.queries import heard_on_duty
        from services.help.service import SERVICE

        register(SERVICE)
        register_duty(SERVICE.key, heard_on_duty)
        events.alarm_taken.connect(handlers.alarm_taken, service=SERVICE.key)
        events.page_polled.connect(carry_out_on_poll, service=SERVICE.key)
        watch_all(of_row("help"), HelpCall, DutyShift, DutyLeave)
