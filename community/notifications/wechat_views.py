"""The address to which WeChat pushes. Pushes are authenticated by their signature only."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from community.core import clock, limits
from community.core.limit_table import WECHAT_FORGED
from community.core.limits import network
from community.notifications.wechat_events import handle_push
from community.wechat import pushes
from community.wechat.models import OfficialAccount

logger = logging.getLogger(__name__)
# Bytes of a push; events have fewer than 4,000.
MAX_BODY = 65_536


@csrf_exempt
@require_http_methods(["GET", "POST"])
def push(request: HttpRequest, app_id: str) -> HttpResponse:
    """Proves the address to WeChat, and takes its events. Repeating one brings the same answer."""
    account = get_object_or_404(OfficialAccount.objects.in_use(), app_id=app_id)
    limits.check(WECHAT_FORGED, network(request))
    try:
        if request.method == "GET":
            return HttpResponse(pushes.echo(account, request.GET), content_type="text/plain")
        if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
            return HttpResponse(status=413)
        now = clock.now()
        event, digest = pushes.read(account, request.GET, request.body, now)
    except pushes.Forged as problem:
        limits.is_first(WECHAT_FORGED, network(request))
        logger.warning("wechat: a push to account %s was refused: %s", account.pk, problem)
        return HttpResponse(status=403)
    handle_push(account=account, event=event, digest=digest, now=now)
    return HttpResponse("success", content_type="text/plain")
