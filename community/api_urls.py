"""Addresses of the open API, version 1, below /api/v1/."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from accounts import api as accounts_api
from community.core.api import no_such_address
from community.core.services import declared
from community.home.api_docs import Description, WrittenOnce

urlpatterns = [
    path("me/", accounts_api.Me.as_view(), name="api_me"),
    *(path("", include(module)) for service in declared() for module in service.api_urls),
    path("", include("community.notices.api.urls")),
    path(
        "schema/",
        SpectacularAPIView.as_view(
            permission_classes=[],
            authentication_classes=[],
            generator_class=Description,
            renderer_classes=[WrittenOnce, *SpectacularAPIView.renderer_classes[1:]],
        ),
        name="api_schema",
    ),
    path("<path:path>", no_such_address),
]
