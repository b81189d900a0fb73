"""Messages about notices."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

MESSAGES: dict[str, Template] = {
    "notice_published": Template(_("A new notice"), "%(title)s", needs=("title",), icon="speakerphone"),
    "notice_urgent": Template(
        _("Urgent notice"),
        "%(title)s",
        needs=("title", "estate", "short"),
        sms=("estate", "short"),
        icon="alert",
    ),
    # Sent to the writer.
    "notice_over": Template(
        _("Not published"),
        _("“%(title)s” was over before it could go out. It is a draft again."),
        needs=("title",),
        icon="alert",
    ),
    "notice_for_nobody": Template(
        _("Not published"),
        _("“%(title)s” is for no home any more. It is a draft again."),
        needs=("title",),
        icon="alert",
    ),
}
