"""Checks of the rows of a fee's list, the same for the back office and for a spreadsheet."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from community.core.errors import ActionError
from services.fees.models import Bill, FeeItem, FeeListing

# Stands between the service and the number in the subject of a bill that no run made: "care:42".
CAUSE = ":"


def check_listing(row: FeeListing) -> None:
    """Checks a row before it is stored.

    Raises ``ActionError`` with the field for a fee that no run bills, a home of another estate, a space that is
    missing or where none belongs, days in the wrong order, and days on which the space or the home is listed
    already.
    """
    item = row.item
    if not item.is_by_run:
        raise ActionError("not_billable", _("This fee is billed one by one: it has no list."), field="item")
    if row.home.estate.pk != item.estate_id:
        raise ActionError("not_of_estate", _("This home is not in this estate."), field="home")
    if item.reach == FeeItem.Reach.LISTED and not row.subject:
        raise ActionError("space_missing", _("Please write the number of the space."), field="subject")
    if item.reach != FeeItem.Reach.LISTED and row.subject:
        raise ActionError("no_space", _("This fee is not billed by a list of spaces."), field="subject")
    if CAUSE in row.subject:
        raise ActionError("space_refused", _("A number without a colon, please."), field="subject")
    if row.to_on and row.to_on < row.from_on:
        raise ActionError("days_in_order", _("The last day must not be before the first."), field="to_on")
    if (other := _same_days(row).first()) is not None:
        words = _("Listed from %(day)s already. Please end that row first.")
        raise ActionError("listed_already", words % {"day": f"{other.from_on:%Y-%m-%d}"}, field="from_on")


def _same_days(row: FeeListing) -> QuerySet[FeeListing]:
    same = Q(subject=row.subject) if row.subject else Q(home=row.home)
    others = FeeListing.objects.filter(same, Q(to_on=None) | Q(to_on__gte=row.from_on), item=row.item)
    if row.to_on:
        others = others.filter(from_on__lte=row.to_on)
    return others.exclude(pk=row.pk)


def has_bills(row: FeeListing) -> bool:
    """Whether a run has billed the home or space of the row for days that it has."""
    bills = Bill.objects.filter(item=row.item, home=row.home, subject=row.subject, run__isnull=False)
    return (
        bills.filter(period__gte=row.item.period_of(row.from_on)).exclude(status=Bill.Status.VOIDED).exists()
    )
