"""Words and colours of feedback in templates."""

from django import template

from services.feedback import timeline
from services.feedback.models import Feedback

register = template.Library()


@register.filter
def feedback_tone(feedback: Feedback) -> str:
    return timeline.TONES[feedback.status]


@register.filter
def staff_words(feedback: Feedback) -> str:
    """The state in the words of staff."""
    return str(timeline.STAFF_WORDS[feedback.status])


@register.filter
def kind_label(feedback: Feedback) -> str:
    return str(timeline.KINDS[feedback.kind]["label"])


@register.filter
def kind_icon(feedback: Feedback) -> str:
    return str(timeline.KINDS[feedback.kind]["icon"])


@register.filter
def kind_tone(feedback: Feedback) -> str:
    return str(timeline.KINDS[feedback.kind]["tone"])
