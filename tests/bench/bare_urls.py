"""The product's addresses, and a bare view: it loads the session and the person and answers 14 KB."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

BODY = b"<p>bare</p>" * (14 * 1024 // 11)


def bare(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    return HttpResponse(BODY)


urlpatterns = [path("bare/", bare), path("", include("community.urls"))]
