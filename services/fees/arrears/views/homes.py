"""Homes in arrears: the list, its Excel file, and the page of one home with its calls, marks and reminders."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import access_of
from community.core import audit, clock, exports
from community.core.errors import ActionError, show_refusal
from community.estates.models import Estate, Home
from services.fees import KEY, list_exports, policies
from services.fees.arrears import queries
from services.fees.arrears.actions import homes as actions
from services.fees.arrears.forms import ArrearsFilters, CallForm, HardshipForm
from services.fees.models import Bill, Hardship
from services.fees.prepayment import prepayment_accounts
from services.fees.queries import open_bills
from services.fees.views.access import chosen_fees_estate, fees_staff_only, home_of_staff

PAGE_SIZE = 50
SHOWN = 30
# Keys have fewer digits.
KEY_DIGITS = 19
AGE_LABELS = {
    "age_30": gettext_lazy("up to 30 days"),
    "age_60": gettext_lazy("31 to 60 days"),
    "age_90": gettext_lazy("61 to 90 days"),
    "age_180": gettext_lazy("91 to 180 days"),
    "age_365": gettext_lazy("181 to 365 days"),
    "age_more": gettext_lazy("more than a year"),
}


def _key(text: str) -> int:
    """Returns the key in an address; 0, which no row has, for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < KEY_DIGITS else 0


@fees_staff_only
@require_GET
def arrears(request: SignedInRequest) -> HttpResponse:
    """Shows the homes in arrears in the order of their keys, page by page."""
    estate, estates = chosen_fees_estate(request)
    filters = ArrearsFilters(request.GET, estate=estate)
    homes = _late_homes(estate, filters)
    after = _key(request.GET.get("after", ""))
    page = homes.filter(pk__gt=after) if after else homes
    rows = list(page.with_address().order_by("pk")[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    contacts = queries.contacts_of(shown)
    if contacts:
        audit.record_number_read(estate, by=request.user, estate_id=estate.pk, request=request)
    marked = set(
        Hardship.objects.at(clock.today(clock.now())).filter(home__in=shown).values_list("home", flat=True)
    )
    query = _query(estate, filters)
    total = queries.totals(homes)
    context = {
        "estate": estate,
        "estates": estates,
        "filters": filters,
        "homes": [(home, next(iter(contacts.get(home.pk, [])), None), home.pk in marked) for home in shown],
        "query": query,
        "next_url": f"?{query}&after={shown[-1].pk}" if len(rows) > PAGE_SIZE else "",
        "total": total,
        "ages": [(label, total[name]) for name, label in AGE_LABELS.items()],
        "may_export": list_exports.may_export(request, estate),
        "may_dun": policies.may("dun", request.user, estate.pk),
    }
    return render(request, "fees/staff/arrears.html", context)


def _late_homes(estate: Estate, filters: ArrearsFilters) -> Any:
    return queries.homes_in_arrears(estate, clock.today(clock.now()), **filters.valid_filters())


def _query(estate: Estate, filters: ArrearsFilters) -> str:
    known = {name: getattr(value, "pk", value) for name, value in filters.valid_filters().items()}
    return urlencode({"estate": estate.pk, **known})


@fees_staff_only
@require_GET
def arrears_sheet(request: SignedInRequest) -> HttpResponse:
    """Downloads the homes in arrears as an Excel file, whose columns add up to the figures of the page."""
    estate, _estates = chosen_fees_estate(request)
    homes = _late_homes(estate, ArrearsFilters(request.GET, estate=estate))
    columns = (
        *(_("Home"), _("Name"), _("Phone"), _("Since"), _("Bills")),
        *map(str, AGE_LABELS.values()),
        *(_("Owed (yuan)"), _("Covered by prepayment (yuan)"), _("Left (yuan)")),
    )
    return list_exports.list_sheet(
        request,
        estate,
        name="arrears",
        title=_("Arrears"),
        columns=columns,
        rows=_sheet_rows(homes),
        count=homes.count(),
    )


def _sheet_rows(homes: Any) -> Any:
    names = (*queries.NAMES, "late_fen", "prepaid_fen", "net_fen")
    for chunk in queries.in_chunks(homes):
        contacts = queries.contacts_of(chunk)
        for home in chunk:
            person = next(iter(contacts.get(home.pk, [])), None)
            late: Any = home
            yield (
                str(home),
                person.name if person else "",
                person.masked_phone if person else "",
                late.late_since,
                late.late_bills,
                *(exports.hundredths(getattr(home, name)) for name in names),
            )


@fees_staff_only
@require_http_methods(["GET", "POST"])
def home(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the arrears of one home with the numbers of its people, which is recorded; a POST notes a call."""
    found = home_of_staff(request.user, pk)
    typed = request.POST if request.method == "POST" else None
    form = CallForm(typed, initial={"key": uuid4()})
    if typed is not None:
        policies.require("note_call", request.user, found.estate.pk)
        if form.is_valid() and _note_call(request, found, form):
            messages.success(request, _("The call is noted."))
            return redirect("fees_arrears_home", pk)
    contacts = queries.contacts_of([found]).get(found.pk, [])
    if contacts:
        audit.record_number_read(found, by=request.user, estate_id=found.estate.pk, request=request)
    context = _home_context(request, found) | {"form": form, "contacts": contacts}
    return render(request, "fees/staff/arrears_home.html", context, status=422 if form.errors else 200)


def _note_call(request: SignedInRequest, found: Home, form: CallForm) -> bool:
    """Notes the call; returns False and adds the refusal to the form if it is refused."""
    try:
        actions.note_call(home=found, by=request.user, now=clock.now(), **form.cleaned_data)
    except ActionError as error:
        show_refusal(form, error)
        return False
    return True


def _home_context(request: SignedInRequest, found: Home) -> dict[str, Any]:
    today = clock.today(clock.now())
    late = open_bills(Bill.objects.in_arrears(today).filter(home=found))
    estate = found.estate
    return {
        "home": found,
        "estate": estate,
        "bills": late,
        "late_fen": sum(bill.unpaid_fen for bill in late),
        "kept": prepayment_accounts(found),
        "mark": Hardship.objects.at(today).filter(home=found).select_related("by").first(),
        "calls": found.arrears_calls.select_related("by")[:SHOWN],  # type: ignore[attr-defined]
        "notices": found.dunning_notices.select_related("by")[:SHOWN],  # type: ignore[attr-defined]
        "may_note": policies.may("note_call", request.user, estate.pk),
        "may_mark": policies.may("mark_hardship", request.user, estate.pk),
        "may_dun": policies.may("dun", request.user, estate.pk),
    }


@fees_staff_only
@require_http_methods(["GET", "POST"])
def hardship(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the mark of a home with its reason, which is recorded, or asks for a new one."""
    found = home_of_staff(request.user, pk)
    policies.require("mark_hardship", request.user, found.estate.pk)
    form = HardshipForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.mark_hardship(home=found, by=request.user, now=clock.now(), **form.cleaned_data)
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Marked. This home is not reminded."))
            return redirect("fees_arrears_home", pk)
    mark = Hardship.objects.at(clock.today(clock.now())).filter(home=found).select_related("by").first()
    if mark is not None:
        audit.record(
            "fees.hardship_read", by=request.user, target=mark, estate_id=found.estate.pk, request=request
        )
    context = {"home": found, "estate": found.estate, "mark": mark, "form": form}
    return render(request, "fees/staff/hardship.html", context, status=422 if form.errors else 200)


@fees_staff_only
@require_POST
def end_hardship(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends the mark of a home."""
    found = home_of_staff(request.user, pk)
    policies.require("mark_hardship", request.user, found.estate.pk)
    mark = get_object_or_404(Hardship, home=found, ended_at=None)
    actions.end_hardship(mark=mark, by=request.user, now=clock.now())
    messages.success(request, _("The mark is ended."))
    return redirect("fees_arrears_home", pk)


# -- For residents


@login_required
@require_GET
def pay_home(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leads from the code of a letter to the bills of that home: one's own, or of a relative who lives there.

    Whoever has nothing to do with the home sees their own bills.
    """
    access = access_of(request.user)
    address = reverse("fees")
    for person in access.people(KEY):
        if any(one.home_id == pk for one in access.living(KEY) if one.user_id == person):
            given = {"home": pk} if person == request.user.pk else {"for": person, "home": pk}
            return redirect(f"{address}?{urlencode(given)}")
    return redirect(address)
