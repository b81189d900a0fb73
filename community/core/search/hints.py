"""Hints for search boxes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core.search.filtering import Ways

# Help text below a labelled field.
EXAMPLES = _("A name or a part of it, its initials (wf), the last four digits, 4-1-602 or 602")
# Placeholders.
PEOPLE_AND_HOMES = _("Name, wf, 0003, 4-1-602")
PEOPLE = _("Name, wf, last four digits")
HOMES = _("4-1-602 or 602")
REFERENCES = _("Reference")
WITH_REFERENCE = _("Reference, name, wf, 0003, 4-1-602")


def hint(ways: Ways) -> Promise | str:
    """Returns the placeholder for these ways; "" where only the row's own words are searched."""
    has_people, has_homes = bool(ways.people or ways.lines), bool(ways.homes)
    if has_people and has_homes:
        return WITH_REFERENCE if ways.references else PEOPLE_AND_HOMES
    if has_people or has_homes:
        return PEOPLE if has_people else HOMES
    return REFERENCES if ways.references else ""
