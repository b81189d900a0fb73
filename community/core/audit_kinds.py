"""Kinds of acts in the audit record, by which an auditor looks for them."""

from typing import NamedTuple

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Kind(NamedTuple):
    words: Promise
    condition: Q


def _starting(*beginnings: str) -> Q:
    found = Q()
    for beginning in beginnings:
        found |= Q(action__startswith=beginning)
    return found


SIGNING = _starting("sign_", "second_factor", "factor_", "password_", "code_sent")
RIGHTS = _starting(
    *("staff_", "administration_", "token_", "delegation_", "family_", "residency_", "roster_"),
    *("owner_changed", "duty."),
)
READS = _starting("number_read", "file_read", "delegation_paper_read", "fees.hardship_read")
KINDS = {
    "signing": Kind(pgettext_lazy("kind of act", "Signing in and out"), SIGNING),
    "refused": Kind(
        pgettext_lazy("kind of act", "Failures and refusals"),
        Q(outcome__in=("wrong", "locked", "refused", "not_found", "used_up", "folding", "folded")),
    ),
    "rights": Kind(
        pgettext_lazy("kind of act", "Rights, roles and homes"),
        RIGHTS | Q(action__startswith="office.", target__startswith="accounts."),
    ),
    "reads": Kind(
        pgettext_lazy("kind of act", "Personal data read"), READS | Q(action__endswith=".contact_shown")
    ),
    "exports": Kind(pgettext_lazy("kind of act", "Exports"), Q(action__startswith="export.")),
    "behalf": Kind(
        pgettext_lazy("kind of act", "Done for somebody else"),
        _starting("on_behalf", "handed_over", "mode_set_for"),
    ),
    "money": Kind(pgettext_lazy("kind of act", "Money"), Q(action__startswith="fees.")),
    "office": Kind(pgettext_lazy("kind of act", "Back office"), Q(action__startswith="office.")),
}
