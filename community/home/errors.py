"""The page that is shown when one broke."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

from community.core.modes import STANDARD


def server_error(request: HttpRequest) -> HttpResponse:
    """In the person's mode, without context processors: the database may be what is broken."""
    page = loader.get_template("500.html").render({"mode": getattr(request, "mode", STANDARD)})
    return HttpResponseServerError(page)
