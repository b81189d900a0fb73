"""Pages of the reconciliation: the days of the accounts at providers, and what differs on each."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.http import SignedInRequest
from accounts.models import access_of
from community.core import clock, exports
from community.core.dates import day_of
from community.core.errors import ActionError, Forbidden
from services.fees import labels, list_exports
from services.fees.forms.staff import ResolveDoubtForm
from services.fees.matching import actions, queries, words
from services.fees.models import BankSheet, MatchingDay, MatchingDifference, MatchingLine
from services.fees.roles import CASHIERS
from services.fees.terms import last_of_month

# Differences on the page of a day; the Excel file has all.
SHOWN = 200
# Files of banks on the page of the days.
SHEETS = 3
SUBJECT = ("day__merchant", "day__sheet", "line", "payment", "refund")
View = Callable[..., HttpResponse]


def cashiers_only(view: View) -> View:
    """Requires a role that takes money in any estate; the querysets limit to its accounts."""

    @login_required
    @wraps(view)
    def opened(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access_of(request.user).estates(*CASHIERS):
            raise Forbidden
        return view(request, *args, **kwargs)

    return opened


@cashiers_only
@require_GET
def days(request: SignedInRequest) -> HttpResponse:
    """Shows the days of a month, the latest first, or with ``?open=1`` those of all months that differ."""
    mine = MatchingDay.objects.visible_to(request.user).select_related("merchant", "sheet").defer("packed")
    left: Any = MatchingDifference.objects.open().visible_to(request.user)
    first = _month_of(request.GET.get("month", ""))
    if request.GET.get("open") == "1":
        rows = mine.filter(pk__in=left.values("day"))
    else:
        rows = mine.filter(day__range=(first, last_of_month(first)))
    found = list(rows.order_by("-day", "provider", "pk")[:SHOWN])
    counts = left.filter(day__in=found).order_by().values("day").annotate(n=Count("pk"))
    by_day = {row["day"]: row["n"] for row in counts}
    context = {
        "rows": [(one, by_day.get(one.pk, 0)) for one in found],
        "month": first,
        "clean_count": queries.clean_days(request.user, first, last_of_month(first)).count(),
        "before": _neighbour(mine.filter(day__lt=first).order_by("-day")),
        "after": _neighbour(mine.filter(day__gt=last_of_month(first)).order_by("day")),
        "open_only": request.GET.get("open") == "1",
        "open_count": sum(by_day.values()) if request.GET.get("open") == "1" else left.count(),
        "sheets": BankSheet.objects.visible_to(request.user).select_related("estate", "made_by")[:SHEETS],
    }
    return render(request, "fees/staff/matching.html", context)


def _month_of(typed: str) -> date:
    """Returns the first day of the chosen month, by default of the month of yesterday."""
    yesterday = clock.today(clock.now()) - timedelta(days=1)
    return (day_of(typed) or yesterday).replace(day=1)


def _neighbour(rows: Any) -> str:
    found = rows.values_list("day", flat=True).first()
    return f"{found.replace(day=1):%Y-%m-%d}" if found else ""


def _day(request: SignedInRequest, pk: int) -> MatchingDay:
    rows = MatchingDay.objects.visible_to(request.user).select_related("merchant", "sheet").defer("packed")
    return get_object_or_404(rows, pk=pk)


@cashiers_only
@require_GET
def day(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the figures of a day and what differs, open differences first, each with its one action."""
    return render(request, "fees/staff/matching_day.html", _context(request, _day(request, pk)))


def _context(
    request: SignedInRequest, found: MatchingDay, failed: ResolveDoubtForm | None = None
) -> dict[str, Any]:
    rows = MatchingDifference.objects.filter(day=found).visible_to(request.user)
    rows = rows.select_related("line", "payment__home__entrance__building", "refund", "resolved_by")
    rows = rows.select_related("payment__payer")
    left = list(rows.open().order_by("pk")[:SHOWN])
    is_whole = MatchingDay.objects.whole_to(request.user).filter(pk=found.pk).exists()
    return {
        "day": found,
        "figures": queries.figures(found, request.user),
        "differences": [
            (one, failed if failed and failed.of == one.pk else ResolveDoubtForm(of=one.pk)) for one in left
        ],
        "resolved": rows.exclude(resolved_at=None).order_by("-resolved_at", "-pk")[:SHOWN],
        "problem_words": words.problems(found),
        "is_whole": is_whole,
        "may_agree": is_whole and not left and found.status == MatchingDay.Status.MATCHED,
        "may_export": any(list_exports.may_export(request, estate) for estate in found.estates()),
        "agreed_by": found.history.select_related("actor").filter(to_status="agreed").first(),
    }


@cashiers_only
@require_POST
def agree(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agrees to a day of which nothing is open."""
    found = _day(request, pk)
    try:
        actions.agree_day(day=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Agreed. Nothing of this day changes any more."))
    return redirect("matching_day", pk)


@cashiers_only
@require_POST
def agree_all(request: SignedInRequest) -> HttpResponse:
    """Agrees to all days of a month of which nothing is open."""
    first = _month_of(request.POST.get("month", ""))
    agreed, refused = actions.agree_clean_days(
        first=first, last=last_of_month(first), by=request.user, now=clock.now()
    )
    words = ngettext("Agreed to %(count)s day.", "Agreed to %(count)s days.", agreed)
    messages.success(request, words % {"count": agreed})
    if refused:
        messages.error(request, _("Something was found on other days at this moment. Please look again."))
    return redirect(f"{reverse('matching')}?month={first:%Y-%m-%d}")


def difference_of_staff(request: SignedInRequest, pk: int) -> MatchingDifference:
    rows = MatchingDifference.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related(*SUBJECT), pk=pk)


@cashiers_only
@require_POST
def settle(request: SignedInRequest, pk: int) -> HttpResponse:
    """Writes what the statement says into our payment or refund."""
    found = difference_of_staff(request, pk)
    try:
        actions.settle_difference(difference=found, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Settled: it is in our books now."))
    return redirect("matching_day", found.day_id)


@cashiers_only
@require_POST
def note(request: SignedInRequest, pk: int) -> HttpResponse:
    """Records what was done about a difference."""
    found = difference_of_staff(request, pk)
    form = ResolveDoubtForm(request.POST, of=pk)
    if not form.is_valid():
        context = _context(request, _day(request, found.day_id), form)
        return render(request, "fees/staff/matching_day.html", context, status=422)
    done = form.cleaned_data["words"]
    try:
        actions.note_difference(difference=found, words=done, by=request.user, now=clock.now())
    except ActionError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Noted."))
    return redirect("matching_day", found.day_id)


@cashiers_only
@require_GET
def lines_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Downloads the lines of a day as an Excel file, then what stands here alone; its columns add up to the
    figures of the page.
    """
    found = _day(request, pk)
    estates = [one for one in found.estates() if list_exports.may_export(request, one)]
    if not estates:
        raise Forbidden
    exported = Q(estate__in=estates) | Q(estate=None)
    lines: Any = MatchingLine.objects.filter(exported, day=found).visible_to(request.user)
    differences: Any = MatchingDifference.objects.filter(exported, day=found)
    seen = list(differences.visible_to(request.user).select_related("payment", "resolved_by"))
    of_line = {one.line_id: one for one in seen}
    rows = [_sheet_row(line, of_line.get(line.pk)) for line in lines.select_related("payment").order_by("pk")]
    rows += [_sheet_row(None, one) for one in seen if one.line_id is None]
    order = exports.Order(
        file_name=f"{_('Reconciliation')}-{labels.way(found.provider)}-{found.day:%Y%m%d}",
        title=f"{_('Reconciliation')} {found.day:%Y-%m-%d}",
        columns=(
            *(_("No."), _("Number at the provider"), _("What"), _("In the statement (yuan)")),
            *(_("Fee (yuan)"), _("Difference"), _("Here (yuan)"), _("What was done"), _("By")),
        ),
        rows=rows,
        count=len(rows),
        right=list_exports.EXPORT,
        estates=[one.pk for one in estates],
    )
    return exports.sheet(request, name=f"matching-{found.pk}", order=order)


def _sheet_row(line: MatchingLine | None, difference: MatchingDifference | None) -> tuple[Any, ...]:
    payment = line.payment if line else difference.payment if difference else None
    reference = payment.reference if payment else line.order_number if line else ""
    return (
        reference,
        line.number if line else "",
        line.get_kind_display() if line else "",
        exports.hundredths(line.amount_fen) if line else None,
        exports.hundredths(line.fee_fen or None) if line else None,
        difference.get_kind_display() if difference else "",
        exports.hundredths(difference.here_fen) if difference else None,
        difference.words if difference else "",
        str(difference.resolved_by or "") if difference else "",
    )
