"""Pages of notices for residents: the list, a notice, and the page behind a poster's code."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import homes_of
from community.core import clock
from community.core.paging import newest_first
from community.notices import actions, body, queries
from community.notices.models import Notice

SPOKEN = 500


@login_required
@require_GET
def notices(request: SignedInRequest) -> HttpResponse:
    """Lists notices for the person's homes, newest first, urgent ones above."""
    estates = homes_of(request.user).values_list("entrance__building__estate", flat=True)
    context = _list(request) | {"topics": queries.live_topics(estates)}
    return render(request, "notices/list.html", context)


@login_required
@require_GET
def notices_live(request: SignedInRequest) -> HttpResponse:
    """Returns the rows that open lists fetch."""
    return render(request, "notices/rows.html", _list(request))


def _list(request: SignedInRequest) -> dict[str, Any]:
    before = request.GET.get("before", "")
    current = Notice.objects.visible_to(request.user).current(clock.now()).marked_read(request.user)
    rows, older = newest_first(current.filter(is_urgent=False), before=before, by="published_at")
    pinned = [] if before else list(current.filter(is_urgent=True).newest_first()[: queries.LOOKED_AT])
    return {
        "pinned": pinned,
        "rows": rows,
        "before": before,
        "older_url": f"{reverse('notices')}?{urlencode({'before': older})}" if older else "",
    }


@login_required
@require_GET
def notice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a notice and records that it was read."""
    found = get_object_or_404(Notice.objects.visible_to(request.user).select_related("estate"), pk=pk)
    now = clock.now()
    actions.read_notice(notice=found, by=request.user, now=now)
    context = notice_context(found) | {"topic": found.estate_topic, "back": _page_before(request)}
    return render(request, "notices/notice.html", context)


def _page_before(request: HttpRequest) -> str:
    """Returns the page that lists what waits, or the home page, if the notice was opened there; else the list
    of notices.
    """
    before = urlsplit(request.headers.get("Referer", "")).path
    return before if before in {reverse("waiting"), reverse("home")} else reverse("notices")


@login_required
@require_GET
def notice_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the notice as it reads now, for open copies, without recording a reading: forgotten tabs fetch
    it too.
    """
    found = get_object_or_404(Notice.objects.visible_to(request.user).select_related("estate"), pk=pk)
    return render(request, "notices/article.html", notice_context(found))


def notice_context(notice: Notice) -> dict[str, Any]:
    return {
        "notice": notice,
        "is_withdrawn": notice.status == Notice.Status.WITHDRAWN,
        "is_over": notice.is_over(clock.now()),
        "spoken": spoken(notice),
    }


def spoken(notice: Notice) -> str:
    """Returns the text for speech: title and beginning of the body, without emoji."""
    if notice.status == Notice.Status.WITHDRAWN:
        return body.in_words_only(notice.title)
    text = body.in_words_only(f"{notice.title}。{body.plain(notice.body)}")
    return text if len(text) <= SPOKEN else text[:SPOKEN].rpartition("。")[0] or text[:SPOKEN]


@require_GET
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """Shows a notice behind a poster's code.

    Public scopes need no sign-in; residents are led to their own page, where reading counts. Notices for
    certain homes require signing in as a resident of them.
    """
    told = Notice.objects.told().select_related("estate")
    found = get_object_or_404(told, code=code.upper())
    user = request.user
    if isinstance(user, User) and Notice.objects.visible_to(user).filter(pk=found.pk).exists():
        return redirect("notice", found.pk)
    if not found.is_public:
        if isinstance(user, User):
            raise Http404
        page = reverse("notice", args=[found.pk])
        return redirect(f"{reverse('sign_in')}?{urlencode({'next': page})}")
    return render(request, "notices/public.html", notice_context(found))
