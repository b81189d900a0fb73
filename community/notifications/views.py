"""Pages of the inbox, and the numbers of live topics for pages without a socket."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from community.core import clock
from community.core.events import page_polled
from community.core.links import page_at
from community.core.locked import works_while_locked
from community.core.paging import newest_first
from community.notifications import actions, live, messages
from community.notifications.models import InboxNotice

MAX_TOKENS = 20


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Lists all messages, newest first; the first page is live."""
    return render(request, "notifications/inbox.html", _page(request))


@login_required
@never_cache
def inbox_list(request: HttpRequest) -> HttpResponse:
    """Returns the part of the inbox that live updates replace."""
    return render(request, "notifications/_list.html", _page(request))


def _page(request: HttpRequest) -> dict[str, Any]:
    before = request.GET.get("before", "")
    mine = InboxNotice.objects.visible_to(request.user)
    notices, older = newest_first(mine, before=before)
    for notice in notices:
        notice.title, notice.body = messages.in_words(notice.template, notice.params)
        notice.icon = messages.icon_of(notice.template)
    return {
        "notices": notices,
        "before": before,
        "older_url": f"{reverse('inbox')}?before={older}" if older else "",
        "has_unread": mine.unread().exists(),
        "topic": f"inbox:{request.user.pk}",
    }


@login_required
@never_cache
def inbox_count(request: HttpRequest) -> HttpResponse:
    """Returns the number of unread messages."""
    return render(request, "notifications/_count.html")


@login_required
@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks a message as read and redirects to its address."""
    notice = get_object_or_404(InboxNotice.objects.visible_to(request.user), pk=pk)
    actions.read_notice(notice=notice, by=request.user, now=clock.now())
    return redirect(page_at(notice.url) or "inbox")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    actions.read_all_notices(by=request.user, now=clock.now())
    return redirect("inbox")


@works_while_locked
@require_GET
@never_cache
def numbers(request: HttpRequest) -> HttpResponse:
    """Returns ``{token: number}`` for ``?t=token&t=token``, as the socket would, for pages that poll."""
    if not request.user.is_authenticated:
        return JsonResponse({"code": "signed_out"}, status=403)
    tokens = request.GET.getlist("t")[:MAX_TOKENS]
    opened = {token: live.read_token(token, request.user.pk) for token in tokens}
    access = live.access_topic(request.user.pk)
    newest = live.numbers_of({access, *(topic for one in opened.values() if one for topic in one.topics)})
    told: dict[str, int | None] = dict.fromkeys(opened)
    for token, one in opened.items():
        if one is not None:
            is_void = one.access != newest[access]
            told[token] = live.VOID if is_void else sum(newest[topic] for topic in one.topics)
    page_polled.send(now=clock.now())
    return JsonResponse({"numbers": told})
