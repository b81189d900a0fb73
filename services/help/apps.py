from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User
    from services.common.models import Alarm


class HelpConfig(AppConfig):
    name = "services.help"
    label = "help"
    verbose_name = _("Help")

    def ready(self) -> None:
        from community.core.events import alarm_taken, page_polled
        from community.core.services import register
        from services.help.actions import carry_out_on_poll
        from services.help.service import SERVICE

        register(SERVICE)
        alarm_taken.connect(_answer_call, service=SERVICE.key)
        page_polled.connect(carry_out_on_poll, service=SERVICE.key)


def _answer_call(alarm: "Alarm", by: "User", now: datetime) -> None:
    """Answers the call whose alarm was taken on the board: the person who took it is the responder.

    They can send another person from the page of the call.
    """
    from services.help.actions.calls import answer
    from services.help.models import HelpCall

    call = HelpCall.objects.unanswered().with_people().filter(alarm=alarm).first()
    if call is not None:
        answer(call, by=by, responder=by, now=now)
