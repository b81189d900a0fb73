"""Staff pages of notices: the list, the editor, and a notice with its preview and verbs."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.policies import estates_of, has_role
from accounts.staff_pages import chosen_estate
from community.core import clock
from community.core.paging import newest_first
from community.core.search import filtering
from community.core.transitions import StatusChange
from community.notices import actions, policies
from community.notices.actions.publication import reach_of
from community.notices.forms import (
    VERB_FORMS,
    CorrectForm,
    ListFilters,
    NoticeForm,
    VerbForm,
    WordsForm,
    initial_notice,
    initial_words,
)
from community.notices.models import Notice, NoticeReading
from community.notices.roles import OVERSEEING, WRITING
from community.notices.views.resident import notice_context

PLACES_SHOWN = 60


def found_for_staff(request: SignedInRequest, pk: int) -> Notice:
    rows = Notice.objects.for_staff(request.user).select_related("estate", "written_by")
    return get_object_or_404(rows, pk=pk)


BY_TITLE = filtering.Ways(words=("title",))


@login_required
@require_GET
def staff_notices(request: SignedInRequest) -> HttpResponse:
    estate, estates = chosen_estate(request, estates_of(request.user, *OVERSEEING))
    filters = ListFilters(request.GET)
    asked = filters.valid_filters()
    rows = _with_readings(Notice.objects.filter(estate=estate))
    if asked.get("state"):
        rows = rows.filter(status=asked["state"])
    else:
        rows = rows.exclude(status=Notice.Status.DISCARDED)
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("words"):
        rows = rows.filter(filtering.search_filter(asked["words"], BY_TITLE))
    before = request.GET.get("before", "")
    found, older = newest_first(rows, before=before)
    query = {"estate": estate.pk, **asked}
    context = {
        "estate": estate,
        "estates": estates,
        "filters": filters,
        "asked": asked,
        "rows": found,
        "may_write": has_role(request.user, estate.pk, *WRITING),
        "next_url": f"?{urlencode({**query, 'before': older})}" if older else "",
        "first_url": f"?{urlencode(query)}" if before else "",
    }
    return render(request, "notices/staff/list.html", context)


def _with_readings(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    """Annotates ``homes_read``: how many homes have read the present edition."""
    here = NoticeReading.objects.filter(notice=OuterRef("pk"), edition=OuterRef("edition"))
    counted = here.order_by().values("notice").annotate(n=Count("home", distinct=True)).values("n")
    return rows.annotate(homes_read=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


@login_required
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    estate, estates = chosen_estate(request, estates_of(request.user, *WRITING))
    key = _token(request)
    if request.method == "GET":
        form = NoticeForm(estate=estate, initial={"scope": Notice.Scope.ESTATE, "kind": Notice.Kind.OTHER})
        return _write_page(request, form, estate=estate, estates=estates, key=key)
    form = NoticeForm(request.POST, estate=estate)
    if form.is_valid():
        kept: list[Notice] = []

        def keep() -> None:
            kept.append(
                actions.draft_notice(
                    estate=estate,
                    words=form.words(is_urgent=form.cleaned_data["is_urgent"]),
                    audience=form.audience(),
                    by=request.user,
                    key=key,
                    now=clock.now(),
                )
            )

        if form.carry_out(keep):
            messages.success(request, _("Kept as a draft. Nobody sees it yet."))
            return redirect("staff_notice", kept[0].pk)
        if Notice.objects.filter(key=key).exists():
            # The key belongs to an earlier draft, so the next attempt gets a new one.
            key = uuid4()
    return _write_page(request, form, estate=estate, estates=[], key=key, status=422)


def _token(request: SignedInRequest) -> UUID:
    """Returns the single-use key of the page, so that two taps store one draft."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def _write_page(
    request: SignedInRequest, form: WordsForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Shows the editor. ``was`` is the stored HTML, for marks that a plain text field cannot show."""
    was = context.pop("was", "")
    context |= {"form": form, "editor_text": form.body_text(), "editor_html": was or form.body_html()}
    return render(request, "notices/staff/write.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Edits a notice that is not published, or corrects a published one."""
    found = found_for_staff(request, pk)
    policies.must_write(request.user, found.estate_id)
    if found.status == Notice.Status.PUBLISHED:
        return _correct(request, found)
    if found.status not in Notice.WRITABLE:
        return redirect("staff_notice", pk)
    estate = found.estate
    if request.method == "GET":
        form = NoticeForm(estate=estate, initial=initial_notice(found))
        return _write_page(request, form, estate=estate, notice=found, was=found.body)
    form = NoticeForm(request.POST, estate=estate)
    was_scheduled = found.status == Notice.Status.SCHEDULED
    if form.is_valid() and form.carry_out(
        lambda: actions.edit_notice(
            notice=found,
            words=form.words(is_urgent=form.cleaned_data["is_urgent"]),
            audience=form.audience(),
            by=request.user,
            now=clock.now(),
        )
    ):
        if was_scheduled and found.status == Notice.Status.DRAFT:
            words = _(
                "Kept. It is urgent or for others now, so it is a draft again. Please schedule it anew."
            )
            messages.warning(request, words)
        else:
            messages.success(request, _("Kept."))
        return redirect("staff_notice", pk)
    return _write_page(request, form, estate=estate, notice=found, status=422)


def _correct(request: SignedInRequest, found: Notice) -> HttpResponse:
    context: dict[str, Any] = {"estate": found.estate, "notice": found, "is_correction": True}
    if request.method == "GET":
        form = CorrectForm(initial=initial_words(found))
        return _write_page(request, form, was=found.body, **context)
    form = CorrectForm(request.POST)
    if form.is_valid() and form.carry_out(
        lambda: actions.correct_notice(
            notice=found,
            words=form.words(is_urgent=found.is_urgent),
            tell_again=form.cleaned_data["tell_again"],
            by=request.user,
            now=clock.now(),
        )
    ):
        messages.success(request, _("Corrected. Residents see when."))
        return redirect("staff_notice", found.pk)
    return _write_page(request, form, status=422, **context)


@login_required
@require_GET
def staff_notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the notice with a preview in both modes and its verbs."""
    return render(request, "notices/staff/notice.html", _page_context(request, found_for_staff(request, pk)))


@login_required
@require_GET
def staff_notice_live(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(
        request, "notices/staff/notice_live.html", _page_context(request, found_for_staff(request, pk))
    )


def _page_context(request: SignedInRequest, found: Notice) -> dict[str, Any]:
    verbs = policies.allowed_verbs(request.user, found)
    readings = NoticeReading.objects.filter(notice=found, edition=found.edition)
    return notice_context(found) | {
        "estate": found.estate,
        "places": _places(found),
        "verbs": verbs,
        "forms": [form for form in VERB_FORMS if form.verb in verbs],
        "reach": reach_of(found),
        "homes_read": readings.values("home").distinct().count(),
        "entries": [
            _history_entry(change) for change in found.history.select_related("actor").order_by("-at", "-pk")
        ],
    }


def _places(found: Notice) -> list[str]:
    """Returns the chosen places in words; for a group, its name."""
    if found.scope == Notice.Scope.GROUP:
        return [found.group_name]
    parts = found.parts.select_related("building", "entrance__building", "home__entrance__building")
    return [str(part) for part in parts[:PLACES_SHOWN]]


def _history_entry(change: StatusChange) -> dict[str, Any]:
    """Returns a history row in words."""
    published = Notice.Status.PUBLISHED
    is_correction = change.from_status == change.to_status == published
    title = _("corrected") if is_correction else Notice.Status(change.to_status).label
    return {
        "title": title,
        "text": change.reason,
        "by": change.actor or _("by itself"),
        "at": change.at,
    }


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Shows the confirmation of a verb with the homes that it reaches; POST takes it."""
    found = found_for_staff(request, pk)
    policies.must_write(request.user, found.estate_id)
    kind = next((one for one in VERB_FORMS if one.slug == verb), None)
    if kind is None:
        raise Http404
    if request.method == "GET":
        if kind.verb not in policies.allowed_verbs(request.user, found):
            return redirect("staff_notice", pk)
        initial = {"publish_at": found.publish_at}
        return _confirmation_page(request, found, kind(notice=found, by=request.user, initial=initial))
    form = kind(request.POST, notice=found, by=request.user)
    if form.is_valid() and form.carry_out(lambda: form.act(now=clock.now())):
        messages.success(request, _success_message(form, found))
        return redirect("staff_notice", pk)
    return _confirmation_page(request, found, form, status=422)


def _success_message(form: VerbForm, found: Notice) -> str:
    """Returns the success message, with a link to the readings of a published notice."""
    reach = reach_of(found)
    words = str(form.done) % {"title": found.title, "homes": reach.homes, "people": reach.people}
    if found.status != Notice.Status.PUBLISHED:
        return words
    page = reverse("staff_notice_reading", args=[found.pk])
    return format_html('{} <a href="{}">{}</a>', words, page, _("Who has read it"))


def _confirmation_page(
    request: SignedInRequest, found: Notice, form: VerbForm, *, status: int = 200
) -> HttpResponse:
    reach = reach_of(found) if form.shows_reach else None
    context = {"notice": found, "estate": found.estate, "form": form, "reach": reach}
    return render(request, "notices/staff/verb.html", context, status=status)
