"""Receives the notices of payment providers. They are authenticated by their signature only."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from community.core import clock
from services.fees import actions, providers
from services.fees.providers.base import BadSignature, MalformedNotice


@csrf_exempt
@require_POST
def callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Handles a notice. Repeating it changes nothing and brings the same answer."""
    if provider not in providers.names():
        raise Http404
    now = clock.now()
    try:
        notice = providers.named(provider).verify(request)
    except BadSignature:
        actions.record_forged_notice(provider=provider, now=now)
        return HttpResponse("signature", status=403, content_type="text/plain")
    except MalformedNotice:
        return HttpResponse("malformed", status=400, content_type="text/plain")
    actions.handle_notice(provider=provider, notice=notice, now=now)
    return HttpResponse("ok", content_type="text/plain")
