"""Pages that belong to no app."""

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from community.core import actions, background, sealed_files, speech
from community.core.errors import Forbidden
from community.core.exports import as_sheet
from community.core.models import ExportFile
from community.core.storage import serve_private

MAKE = "community.core.tasks.make_speech"
# Seconds during which the same recording is not started again.
MAKING_SECONDS = 60
# Seconds after which the page of a running export reloads.
REFRESH = "3"


@require_GET
def spoken_text(request: HttpRequest, digest: str) -> HttpResponseBase:
    """Returns the recording of one of our texts as MP3, or 202 while it is being made.

    Needs no sign-in: people with the address have seen the text on its page.
    """
    sealed = request.GET.get("text", "")
    wanted = speech.unseal(sealed)
    speaker = speech.voice(wanted[0]) if wanted else None
    if wanted is None or speaker is None or speech.digest_of(wanted[1], speaker) != digest:
        raise Http404
    name = speech.file_name(digest)
    if not default_storage.exists(name):
        _begin(digest, sealed)
    # Without a broker (in tests) it exists at once.
    if default_storage.exists(name):
        return serve_private(name, content_type="audio/mpeg")
    return HttpResponse(status=202, headers={"Retry-After": "1", "Cache-Control": "no-store"})


def _begin(digest: str, sealed: str) -> None:
    try:
        is_first = cache.add(f"speech:{digest}", 1, MAKING_SECONDS)
    except (RedisError, OSError):
        return
    if is_first:
        background.queue(MAKE, [(sealed,)])


def _export(request: HttpRequest, pk: int) -> ExportFile:
    found = get_object_or_404(
        ExportFile.objects.visible_to(request.user).exclude(right=ExportFile.OWN_DATA), pk=pk
    )
    if not actions.may_download_export(request.user, found):
        raise Forbidden
    return found


@login_required
@require_GET
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows the progress of a long export and the link to it."""
    found = _export(request, pk)
    answer = render(request, "core/export.html", {"export": found})
    answer["Cache-Control"] = "no-store"
    if found.status == ExportFile.Status.WAITING:
        answer["Refresh"] = REFRESH
    return answer


@login_required
@require_GET
def export_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Returns the export to the person who requested it, if they still have the right."""
    found = _export(request, pk)
    if found.status != ExportFile.Status.READY:
        raise Http404
    return as_sheet(sealed_files.read(found.stored), found.file_name)
