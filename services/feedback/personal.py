"""Personal data in the rows of feedback."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from community.core.services import DataUse, Open, Personal
from services.feedback.models import Feedback

PERSONAL = (
    Personal("feedback.feedback", about=("resident",), by=("reported_by",), plain=("about",)),
    Personal("feedback.feedbackchange", about=("feedback__resident",), by=("actor", "on_behalf_of")),
    Personal("feedback.feedbackmessage", about=("feedback__resident",), by=("author", "on_behalf_of")),
    Personal("feedback.feedbackpicture", about=("feedback__resident",), by=("added_by",), goes=True),
    Personal("feedback.feedbackrecording", about=("feedback__resident",), by=("added_by",), goes=True),
    Personal("common.satisfaction", about=("feedback__resident",)),
    Personal("common.satisfactionrecording", about=("satisfaction__feedback__resident",), goes=True),
)


def _open_matters(person: User) -> Iterator[Open]:
    if Feedback.objects.open().filter(resident=person).exists():
        yield Open(
            _("Feedback is being answered: take it back, or wait for the end."), reverse("feedback_list")
        )


DATA_USE = DataUse(
    gettext_lazy("Feedback"),
    gettext_lazy("So that your complaint or idea gets an answer."),
    gettext_lazy("That there was one stays for the count, without your words."),
    "feedback_list",
    icon="message",
    position=50,
    open_matters=_open_matters,
)
