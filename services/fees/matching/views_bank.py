"""The page on which a line of a bank finds its home, before its payment is taken at the counter."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from community.estates.models import Home
from services.fees import queries
from services.fees.forms.staff import SearchForm
from services.fees.matching.taking import homes_of_sum, lines_to_take
from services.fees.matching.views import cashiers_only
from services.fees.models import MatchingDifference
from services.fees.views.counter import search_homes

# An address in the words that the payer sent along: 3-1-101, 3栋1单元101.
ADDRESS = re.compile(r"\d+(?:[-—–－/]\d+)+|\d+[^\W\d]{1,2}\d+[^\W\d]{1,2}\d+|\d+[^\W\d]{1,2}\d{2,}")
MOST_ADDRESSES = 3


@cashiers_only
@require_http_methods(["GET", "POST"])
def take(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the homes that a line may be of, each with the reason, and searches for another one."""
    found = get_object_or_404(lines_to_take(request.user), pk=pk)
    form = SearchForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"difference": found, "difference_pk": str(found.pk)}
    context |= {"line": found.line, "form": form}
    if request.method == "POST" and form.is_valid():
        homes, _former = search_homes(request.user, form.cleaned_data["words"])
        context |= {"searched": True, "homes": _rows(found, dict.fromkeys(homes, ""))}
    else:
        context["homes"] = _rows(found, _likely(request, found))
    return render(request, "fees/staff/matching_take.html", context, status=422 if form.errors else 200)


def _likely(request: SignedInRequest, found: MatchingDifference) -> dict[Home, str]:
    """Returns the homes that fit the name, an address in the text or the sum of a line, with the reason."""
    line = found.line
    assert line is not None
    likely: dict[Home, str] = {}
    if line.party:
        homes, _former = search_homes(request.user, line.party)
        likely |= dict.fromkeys(homes, _("The name fits."))
    for address in ADDRESS.findall(line.words)[:MOST_ADDRESSES]:
        homes, _former = search_homes(request.user, address)
        likely |= dict.fromkeys([home for home in homes if home not in likely], _("The text names it."))
    of_sum = homes_of_sum(found)
    both = {home: f"{likely[home]} {_('It owes this sum.')}" for home in of_sum if home in likely}
    return (
        both
        | {home: _("It owes this sum.") for home in of_sum if home not in both}
        | ({home: why for home, why in likely.items() if home not in both})
    )


def _rows(found: MatchingDifference, homes: dict[Home, str]) -> list[tuple[Home, int, list[str], str]]:
    """Returns the homes of the line's estate with what they owe, their residents, and the reason."""
    here = [home for home in homes if home.estate.pk == found.estate_id]
    return [(home, fen, names, homes[home]) for home, fen, names in queries.homes_with_owed(here)]
