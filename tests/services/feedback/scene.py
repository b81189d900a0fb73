"""A complaint that is asked about, with a name and without; and words that are too long or odd."""

from typing import Any

from django.test import Client

from accounts.models import User
from services.common.models import EarlyFile, ResponseClock, Satisfaction
from services.feedback.models import Feedback, FeedbackMessage
from tests import factories as make

SCRIPT = "<script>alert('x')</script>"
TOO_LONG = "太吵了。" * 2500
EMOJI = "😡🔥🐕‍🦺" * 200
CODE = "7K4M-9XQ2-HJ3T-V8PW"


class Scene:
    """A resident with a complaint that is asked about, one without a name, and who answers."""

    def __init__(self) -> None:
        self.estate = make.make_estate()
        self.resident = make.make_resident(home=make.make_home(estate=self.estate))
        self.clerk = make.make_staff(estate=self.estate)
        asked = Feedback.Status.SOLVED_ASKED
        self.mine = make.make_feedback(estate=self.estate, resident=self.resident, status=asked)
        self.nameless = make.make_feedback(estate=self.estate, code=CODE, status=asked)
        self.new = make.make_feedback(estate=self.estate, resident=self.resident)

    def sent(self) -> Feedback:
        """What was written since."""
        return Feedback.objects.exclude(pk__in=[self.mine.pk, self.nameless.pk, self.new.pk]).get()

    def client(self, user: User | None) -> Client:
        client = Client(headers={"accept-language": "zh-CN"})
        if user:
            client.force_login(user)
        else:
            client.post("/feedback/code/", {"code": CODE})
        return client


def counted() -> tuple[int, ...]:
    models: list[Any] = [Feedback, FeedbackMessage, Satisfaction, ResponseClock, EarlyFile]
    return tuple(model.objects.count() for model in models)
