"""The entry of notices in the side nav."""

from django.utils.translation import gettext_lazy as _

from community.core.services.nav import NavEntry
from community.notices.roles import OVERSEEING

NAV = (
    NavEntry(
        position=40,
        url="/staff/notices/",
        label=_("Notices"),
        icon="speakerphone",
        tone="build",
        roles=frozenset(OVERSEEING),
        hint=_("Write, see who has read"),
    ),
)
