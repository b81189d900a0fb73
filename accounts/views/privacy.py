"""The privacy page: in plain words, for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Shows what is stored, why, how long, who sees it, and how to get it or have it erased.

    It says only what the product does: whoever changes what is stored changes the page.
    """
    return render(request, "accounts/privacy.html")
