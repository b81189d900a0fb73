"""Feedback on the resident's home page."""

from django.utils.translation import gettext_lazy as _

from community.core.services.home import FamilyLine, Home, HomeLink

HOME = Home(
    tiles=(
        HomeLink(position=50, url_name="feedback_list", label=_("Feedback"), icon="message", tone="build"),
    ),
    more=(
        HomeLink(position=50, url_name="feedback_list", label=_("Feedback"), icon="message", tone="build"),
    ),
    more_signed_out=(
        HomeLink(position=10, url_name="feedback_new", label=_("Feedback"), icon="message", tone="build"),
    ),
    family=FamilyLine(
        position=40,
        url_name="feedback_new",
        words=_("Give feedback for them"),
        icon="message",
        tone="build",
    ),
)
