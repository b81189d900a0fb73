"""Messages about feedback."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

REFERENCE = ("reference",)
MESSAGES: dict[str, Template] = {
    # -- To the resident.
    "feedback_received": Template(
        _("We have what you wrote"),
        _("Your feedback %(reference)s is with us. You can follow the answer here."),
        needs=REFERENCE,
        icon="message",
    ),
    "feedback_answered": Template(
        _("An answer for you"),
        _("Your feedback %(reference)s was answered."),
        needs=REFERENCE,
        icon="message",
    ),
    "feedback_asks": Template(
        _("A question for you"),
        _("We need to know something about your feedback %(reference)s. Please look at the page."),
        needs=REFERENCE,
        sms=REFERENCE,
        icon="message",
    ),
    "feedback_solved_asked": Template(
        _("Is it solved?"),
        _("We think that your feedback %(reference)s is solved. Please say yes or no."),
        needs=REFERENCE,
        sms=REFERENCE,
        icon="circle-check",
    ),
    "feedback_closed": Template(
        _("Feedback closed"),
        _("Your feedback %(reference)s is closed."),
        needs=REFERENCE,
        icon="circle-check",
    ),
    "feedback_follow_up": Template(
        _("We ask what went wrong"),
        _("You were not satisfied with %(about)s. We look into it under %(reference)s."),
        needs=(*REFERENCE, "about"),
        icon="message",
    ),
    "how_was_it": Template(
        _("How was it?"), _("How was it: %(what)s? One tap is enough."), needs=("what",), icon="mood-happy"
    ),
    # -- To those who work on it.
    "feedback_handed_over": Template(
        _("Feedback for your department"),
        _("%(reference)s was handed to your department. Please see to it."),
        needs=REFERENCE,
        icon="message",
    ),
    # -- To the manager.
    "answer_overdue": Template(
        _("No answer in time"),
        _("%(reference)s has waited longer than %(minutes)s working minutes for its first answer."),
        needs=(*REFERENCE, "minutes"),
        icon="clock",
    ),
    "feedback_escalated": Template(
        _("Not solved twice"),
        _("%(reference)s was opened again for the second time. Please see to it yourself."),
        needs=REFERENCE,
        icon="alert",
    ),
}
