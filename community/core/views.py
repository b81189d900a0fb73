"""Pages that no app owns."""

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from community.core import background, speech
from community.core.storage import serve_private

MAKE = "community.core.tasks.make_speech"
# So long nobody starts the same recording again.
MAKING_SECONDS = 60


@require_GET
def spoken_text(request: HttpRequest, digest: str) -> HttpResponseBase:
    """The recording of a text that we wrote: the MP3, or 202 while it is being made.

    Whoever has the address was shown the text; it is no more secret than the page it came with.
    """
    sealed = request.GET.get("text", "")
    wanted = speech.unseal(sealed)
    speaker = speech.voice(wanted[0]) if wanted else None
    if wanted is None or speaker is None or speech.digest_of(wanted[1], speaker) != digest:
        raise Http404
    name = speech.file_name(digest)
    if not default_storage.exists(name):
        _begin(digest, sealed)
    # Without a broker in between (in tests) it is there at once.
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
