"""Receives the notices of payment providers. They are authenticated by their signature only."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from community.core import clock
from services.fees import actions, providers
from services.fees.models import MerchantAccount
from services.fees.providers.base import BadSignature, MalformedNotice

logger = logging.getLogger(__name__)
# Bytes of a notice; real ones have fewer than 8,000.
MAX_BODY = 65_536


def _is_address(provider: str, merchant: int | None) -> bool:
    """Whether a provider sends notices there; one that is switched off since may have money on its way."""
    if provider not in providers.KNOWN or providers.named(provider).needs_merchant is not bool(merchant):
        return False
    return bool(merchant) or provider in providers.names()


@csrf_exempt
@require_POST
def callback(request: HttpRequest, provider: str, merchant: int | None = None) -> HttpResponse:
    """Handles a notice to the address of a merchant account. Repeating it changes nothing and brings the same
    answer, which is given after what it changes is stored.
    """
    if not _is_address(provider, merchant):
        raise Http404
    spoken, now = providers.named(provider), clock.now()
    account = get_object_or_404(MerchantAccount, provider=provider, pk=merchant) if merchant else None
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY:
        return spoken.answer(status=413)
    try:
        notice = spoken.read_notice(request, account)
    except BadSignature as problem:
        logger.warning("fees: a notice for %s was not signed as it should: %s", account or provider, problem)
        actions.record_forged_notice(provider=provider, now=now)
        return spoken.answer(status=403)
    except MalformedNotice as problem:
        logger.warning("fees: a notice for %s is malformed: %s", account or provider, problem)
        return spoken.answer(status=400)
    actions.handle_notice(provider=provider, notice=notice, merchant=account, now=now)
    return spoken.answer()
