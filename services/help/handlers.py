"""Handlers of events; each runs in the event's transaction."""

from datetime import datetime

from accounts.models import User
from services.common.models import Alarm
from services.help.actions.calls import answer
from services.help.models import HelpCall


def alarm_taken(*, alarm: Alarm, by: User, now: datetime) -> None:
    """Answers the call whose alarm was taken on the board: the person who took it is the responder.

    They can send another person from the page of the call. Raises ``AlreadyMoved`` if it was answered
    meanwhile.
    """
    call = HelpCall.objects.unanswered().with_people().filter(alarm=alarm).first()
    if call is not None:
        answer(call, by=by, responder=by, now=now)
