"""Where providers call us. The signature is all that speaks for them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from community.core import clock
from services.fees import actions, providers
from services.fees.providers.base import BadCall, BadSignature


@csrf_exempt
@require_POST
def callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Said once or ten times: what is done is done once, and the answer is the same."""
    if provider not in providers.names():
        raise Http404
    now = clock.now()
    try:
        notice = providers.named(provider).verify(request)
    except BadSignature:
        actions.record_forged_notice(provider=provider, now=now)
        return HttpResponse("signature", status=403, content_type="text/plain")
    except BadCall:
        return HttpResponse("malformed", status=400, content_type="text/plain")
    actions.handle_notice(provider=provider, notice=notice, now=now)
    return HttpResponse("ok", content_type="text/plain")
