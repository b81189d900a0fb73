"""Pages of delegations (亲情代办) and of asking relatives for help (请家人帮忙)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts import interrupted_forms as unsent
from accounts.forms import FamilyNumberForm, HandoverForm, LastingForm, RelationForm, ServicesForm
from accounts.fresh_code import asks_code
from accounts.http import SignedInRequest
from accounts.models import Delegation, DelegationRequest, FamilyInvitation, User, national_number
from accounts.models.residents import Lasting
from community.core import clock, interrupted_forms, services
from community.core.errors import Refusal

GIVING = "giving_delegation"
# A question on each page; answers are kept in the encrypted session until confirmed.
STEPS: dict[str, type[Form]] = {
    "relation": RelationForm,
    "phone": FamilyNumberForm,
    "services": ServicesForm,
    "lasting": LastingForm,
}


@dataclass
class Bond:
    """Delegations between two people, as a line of the page."""

    person: User
    newest: Delegation
    services: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    last_days: list[date | None] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the other person; the last digits of their number before they agree or without a name."""
        if self.person.name and not self.is_offer:
            return self.person.name
        return _("number ending in %(digits)s") % {"digits": self.person.phone[-4:]}

    @property
    def is_offer(self) -> bool:
        return self.newest.accepted_at is None

    @property
    def until(self) -> date | None:
        """Last day of the first of them that ends; None if all are for good."""
        return min((day for day in self.last_days if day is not None), default=None)

    @property
    def relation(self) -> str:
        """Relation in the reader's language; free words stay as they are."""
        return str(dict(RelationForm.RELATIONS).get(self.newest.relation, self.newest.relation))

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """Returns links to the pages where the delegate begins, for services that have one."""
        found = (services.find(key) for key in self.services)
        buttons = [one.delegated.button for one in found if one and one.delegated and one.delegated.button]
        return [
            {"url": reverse(url), "label": str(label) % {"name": self.name}, "icon": icon}
            for url, label, icon in buttons
        ]

    @property
    def may_set_mode(self) -> bool:
        return Delegation.SETTINGS in self.services


def _bonds(delegations: Iterable[Delegation], other: str) -> list[Bond]:
    bonds: dict[int, Bond] = {}
    for one in delegations:
        person = getattr(one, other)
        bond = bonds.setdefault(person.pk, Bond(person, one))
        bond.services.append(one.service)
        bond.labels.append(one.get_service_display())
        bond.last_days.append(one.ends_on)
    return list(bonds.values())


@login_required
@require_GET
def family(request: SignedInRequest) -> HttpResponse:
    active = Delegation.objects.active().of_services_on().select_related("resident", "delegate")
    offered = Delegation.objects.offered().of_services_on().select_related("resident", "delegate")
    context = {
        "helpers": _bonds(active.filter(resident=request.user), "delegate"),
        "helped": _bonds(active.filter(delegate=request.user), "resident"),
        "asked": _bonds(offered.filter(resident=request.user), "delegate"),
        "to_agree": DelegationRequest.objects.waiting().visible_to(request.user),
        "taken": FamilyInvitation.objects.to_confirm().visible_to(request.user).select_related("delegate"),
        "invited": FamilyInvitation.objects.open(clock.now()).visible_to(request.user),
        "offers": _bonds(offered.filter(delegate=request.user), "resident"),
    }
    return render(request, "accounts/family.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def add_family(request: SignedInRequest, step: str = "relation") -> HttpResponse:
    """Asks who it is, and shows what is suggested for confirmation: a link for what is asked for most, for a year.

    Each of these answers can be changed on a page of its own.
    """
    if step not in STEPS:
        raise Http404
    given = request.session.get(GIVING, {}) if step != "relation" else {}
    form = STEPS[step](
        request.POST if request.method == "POST" else None,
        initial={step: given.get(step)} if given.get(step) else None,
    )
    if step == "phone" and "by_link" in request.POST:
        request.session[GIVING] = given | {"by_link": True, "phone": ""}
        return redirect("confirm_family")
    if request.method == "POST" and form.is_valid():
        by_number = {"by_link": False} if step == "phone" else {}
        answer = {step: form.cleaned_data[step]}
        request.session[GIVING] = _suggested() | given | by_number | answer
        return redirect("confirm_family")
    is_first = step == "relation"
    context = {
        "form": form,
        "field": form[step],
        "options": [
            {"value": value, "label": label} for value, label in getattr(form.fields[step], "choices", ())
        ],
        "is_one_tap": step in ("relation", "lasting"),
        "step": 1,
        "total": 2,
        "is_first": is_first,
        "back_url": reverse("family" if is_first else "confirm_family"),
    }
    return render(request, "accounts/add_family.html", context)


def _suggested() -> dict[str, Any]:
    services = ServicesForm.base_fields["services"].initial
    return {"by_link": True, "phone": "", "services": services(), "lasting": Lasting.YEAR.value}


@login_required
@require_http_methods(["GET", "POST"])
@asks_code
def confirm_family(request: SignedInRequest) -> HttpResponse:
    given = dict(request.session.get(GIVING, {}))
    by_link = given.pop("by_link", False)
    if not all(given.get(name) for name in STEPS if not (by_link and name == "phone")):
        return redirect("add_family")
    if request.method == "POST" and by_link:
        return _invite(request, given)
    if request.method == "POST":
        try:
            actions.give_delegation(proposed=_proposed(request, given), by=request.user, now=clock.now())
        except Refusal as error:
            messages.error(request, str(error.message))
            return redirect("add_family_step", error.field if error.field in STEPS else "phone")
        request.session.pop(GIVING, None)
        messages.success(request, _("Sent. It begins when they agree."))
        return redirect("family")
    return render(request, "accounts/confirm_family.html", _answers_in_words(given))


def _proposed(request: SignedInRequest, given: dict[str, Any]) -> actions.ProposedDelegation:
    today = clock.today(clock.now())
    return actions.ProposedDelegation(
        resident=request.user,
        phone=given["phone"],
        relation=given["relation"],
        services=given["services"],
        ends_on=Lasting(given["lasting"]).last_day(today),
    )


def _invite(request: SignedInRequest, given: dict[str, Any]) -> HttpResponse:
    invitation = actions.invite_family(proposed=_proposed(request, given), by=request.user, now=clock.now())
    request.session.pop(GIVING, None)
    return redirect("family_invitation", invitation.pk)


def _answers_in_words(given: dict[str, Any]) -> dict[str, Any]:
    """Returns the answers in words."""
    labels = dict(ServicesForm.base_fields["services"].choices)  # type: ignore[attr-defined]
    return {
        "relation": dict(RelationForm.RELATIONS)[given["relation"]] if given["relation"] != "other" else "",
        "phone": national_number(given.get("phone", "")),
        "services": [labels[service] for service in given["services"]],
        "lasting": Lasting(given["lasting"]).label,
        "ends_on": Lasting(given["lasting"]).last_day(clock.today(clock.now())),
        "step": 2,
    }


def _pair(request: SignedInRequest, pk: int) -> tuple[Delegation, User]:
    """Returns a delegation of the person, on either side, and the other person."""
    visible = Delegation.objects.visible_to(request.user).select_related("resident", "delegate")
    found = get_object_or_404(visible, pk=pk)
    return found, found.delegate if found.resident_id == request.user.pk else found.resident


@login_required
@require_http_methods(["GET", "POST"])
def end_family(request: SignedInRequest, pk: int) -> HttpResponse:
    found, other = _pair(request, pk)
    if request.method == "POST":
        actions.end_delegations(
            resident=found.resident,
            delegate=found.delegate,
            by=request.user,
            offers_only=found.accepted_at is None,
            now=clock.now(),
        )
        return redirect("family")
    if not Delegation.objects.open().filter(pk=pk).exists():
        raise Http404
    return render(request, "accounts/end_family.html", {"other": Bond(other, found).name})


@login_required
@require_POST
def accept_family(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accepts the offers of a relative; both see each other's names from then on."""
    found, _other = _pair(request, pk)
    actions.accept_delegations(
        resident=found.resident, delegate=found.delegate, by=request.user, now=clock.now()
    )
    messages.success(request, _("Done. They were told."))
    return redirect("family")


@login_required
@require_POST
def decline_family(request: SignedInRequest, pk: int) -> HttpResponse:
    """Declines offers; delegations accepted before stay."""
    found, _other = _pair(request, pk)
    actions.end_delegations(
        resident=found.resident,
        delegate=found.delegate,
        by=request.user,
        offers_only=True,
        now=clock.now(),
    )
    return redirect("family")


def _asked(request: SignedInRequest, pk: int) -> DelegationRequest:
    return get_object_or_404(DelegationRequest.objects.visible_to(request.user), pk=pk)


@login_required
@require_POST
def agree_to_request(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agrees to a delegation that the desk wrote down."""
    actions.agree_to_request(request=_asked(request, pk), by=request.user, now=clock.now())
    messages.success(request, _("Sent. It begins when they agree."))
    return redirect("family")


@login_required
@require_POST
def refuse_request(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.drop_request(request=_asked(request, pk), by=request.user, now=clock.now())
    return redirect("family")


@login_required
@require_POST
def mode_for(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sets the large mode for a resident for whom the person acts."""
    found, _other = _pair(request, pk)
    actions.set_mode_for(resident=found.resident, by=request.user, large=request.POST.get("large") == "1")
    messages.success(request, _("Done. It shows on their next page."))
    return redirect("family")


@login_required
@require_http_methods(["GET", "POST"])
def handover(request: SignedInRequest) -> HttpResponse:
    """Asks whom to ask for help with the page at ``path``; without relatives, shows how to add them."""
    path = request.POST.get("path") or request.GET.get("path") or reverse("home")
    actions.must_be_local_path(path)
    people = _helpers(request.user)
    typed = request.POST if request.method == "POST" else None
    form = _handover_form(people, typed, path=path)
    if typed is None or not form.is_valid():
        return _handover_page(request, form, path)
    asked = {one: name for one, name in people.items() if str(one.pk) in form.cleaned_data["delegates"]}
    try:
        actions.hand_over(by=request.user, delegates=asked, path=path, now=clock.now())
    except Refusal as error:
        form.add_error(None, str(error.message))
        return _handover_page(request, form, path, status=error.status)
    _bring_typed(request, path, asked, form.cleaned_data["carried"])
    url = f"{settings.PUBLIC_URL}{actions.handed_path(path, request.user)}"
    context = {"asked": asked.values(), "url": url, "handover_url": ""}
    return render(request, "accounts/handed_over.html", context)


def ask_about_words(request: SignedInRequest, path: str) -> HttpResponse:
    """Asks whom to ask for help with a page without traces, and whether they get what is typed there.

    The words travel in the page; the person may have meant to stay anonymous.
    """
    if "send" in request.POST:
        return handover(request)
    fields = interrupted_forms.typed_fields(request.POST)
    carried = request.POST.get("carried") or json.dumps(fields)
    form = _handover_form(_helpers(request.user), path=path, carried=carried)
    return _handover_page(request, form, path)


def _helpers(resident: User) -> dict[User, str]:
    """Returns the people who may act for the resident, with the names by which the resident knows them."""
    given = Delegation.objects.active().filter(resident=resident).select_related("delegate")
    return {bond.person: _name_for_resident(bond) for bond in _bonds(given, "delegate")}


def _handover_form(people: dict[User, str], typed: QueryDict | None = None, **initial: str) -> HandoverForm:
    return HandoverForm(typed, people=[(one.pk, name) for one, name in people.items()], initial=initial)


def _handover_page(
    request: SignedInRequest, form: HandoverForm, path: str, *, status: int = 200
) -> HttpResponse:
    carried = _carried(str(form["carried"].value() or ""))
    kept = unsent.set_aside_for(request, path) if actions.takes_typed(path) else None
    try:
        fields = kept.fields() if kept else carried
    except FileNotFoundError:
        fields = {}
    context = {
        "form": form,
        "people": form.fields["delegates"].choices,  # type: ignore[attr-defined]
        "handover_url": "",
        "handed_step": actions.step_words(path, request.user),
        "handed_words": unsent.words_of(fields),
        "carried": [(name, value) for name, values in carried.items() for value in values],
    }
    return render(request, "accounts/handover.html", context, status=status)


def _carried(text: str) -> dict[str, list[str]]:
    """Returns the carried form without what may not be kept; empty if the text is none."""
    try:
        found = json.loads(text or "{}")
        post = QueryDict(mutable=True)
        for name, values in found.items():
            post.setlist(name, [str(value) for value in values])
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}
    return {name: values for name, values in interrupted_forms.typed_fields(post).items() if name != "step"}


def _bring_typed(request: SignedInRequest, path: str, delegates: Iterable[User], carried: str) -> None:
    """Gives what is typed at ``path`` to the relatives who may act there; else it stays for this person alone.

    What is carried is given only if the person says so.
    """
    kept = unsent.set_aside_for(request, path)
    fields = {name: values for name, values in _carried(carried).items() if _is_read_by_family(name)}
    try:
        if kept:
            fields = kept.fields()
        elif request.POST.get("send") != "words":
            return
        is_given = actions.give_typed(
            path, by=request.user, fields=fields, delegates=delegates, now=clock.now()
        )
    except (Refusal, FileNotFoundError):
        return
    if kept and is_given:
        interrupted_forms.discard(request.session, kept)


def _is_read_by_family(name: str) -> bool:
    """Whether a carried field is something typed, and not part of the page on which it was typed."""
    return name not in {"sealed", "for", "path", "delegates"} and not name.endswith(unsent.EARLY)


def _name_for_resident(bond: Bond) -> str:
    """Returns what the resident calls this person: 王小红, or 女儿 while the name is unknown."""
    is_told_by_relation = not bond.person.name and bond.newest.relation not in {"", "other"}
    return bond.relation if is_told_by_relation else bond.name
