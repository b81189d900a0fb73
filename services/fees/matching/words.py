"""Texts of matched days and of differences."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.core.money import as_yuan
from services.fees.models import MatchingDay, MatchingDifference

Kind, Status = MatchingDifference.Kind, MatchingDay.Status
ADVICE: dict[str, Promise] = {
    Kind.UNKNOWN: gettext_lazy("Find out whose money it is, or pay it back at the provider."),
    Kind.AMOUNT: gettext_lazy("Compare it with the account at the provider, and pay back what is too much."),
    Kind.NOT_THERE: gettext_lazy(
        "Look at the provider whether the money came. If not, take the payment back."
    ),
    Kind.REPEATED: gettext_lazy(
        "The provider names it twice. Ask the provider whether the money came twice."
    ),
    Kind.NUMBER_USED: gettext_lazy("Another payment has this number. Compare both with the provider."),
    Kind.REFUND_UNKNOWN: gettext_lazy("Find out who paid it back at the provider, and book it here."),
    Kind.REFUND_NOT_THERE: gettext_lazy("Look at the provider whether the money went back."),
    Kind.REFUND_AMOUNT: gettext_lazy("Compare it with the account at the provider."),
}
# Advice about a bank's file: money that came may be no fee at all, and payments have slips.
BANK_ADVICE: dict[str, Promise] = {
    Kind.UNKNOWN: gettext_lazy("If it is no payment of a home, such as interest, write what it is."),
    Kind.PROPOSED: gettext_lazy("If it is another payment, or none of a home, write what it is."),
    Kind.AMOUNT: gettext_lazy("The slip has this number and another sum. Compare both."),
    Kind.NOT_THERE: gettext_lazy("Look at the bank whether the money came. If not, take the payment back."),
    Kind.REFUND_UNKNOWN: gettext_lazy("Find out who paid it back, and book it here."),
    Kind.REFUND_NOT_THERE: gettext_lazy("Look at the bank whether the money went back."),
    Kind.REFUND_AMOUNT: gettext_lazy("The slip has this number and another sum. Compare both."),
}


def state(day: MatchingDay, open_count: int) -> str:
    """Returns the state of a day in few words, with the number of its open differences."""
    if open_count:
        return ngettext("%(n)s difference", "%(n)s differences", open_count) % {"n": open_count}
    return str(_("not there yet") if day.status == Status.WAITING else day.get_status_display())


def tone(day: MatchingDay, open_count: int) -> str:
    if open_count or day.trouble == MatchingDay.Trouble.BROKEN:
        return "help"
    return {Status.AGREED: "brand", Status.WAITING: "plain"}.get(Status(day.status), "care")


def advice(difference: MatchingDifference) -> str:
    """Returns what a person can do about a difference that no button settles."""
    return str((BANK_ADVICE if difference.day.sheet_id else ADVICE)[difference.kind])


def done(difference: MatchingDifference) -> str:
    """Returns by whom a difference was resolved, and their words."""
    who = str(difference.resolved_by or _("became right by itself"))
    return f"{who}: {difference.words}" if difference.words else who


def fen(difference: MatchingDifference) -> str:
    """Returns the sum of a difference, of the statement if it has one."""
    return as_yuan((difference.there_fen if difference.line_id else difference.here_fen) or 0)


def problems(day: MatchingDay) -> str:
    """Returns the lines of a statement that could not be read, by number."""
    return "; ".join(f"{number}: {reason}" for number, reason in day.problems[:20])
