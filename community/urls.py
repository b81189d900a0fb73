"""All addresses: those of the project and of services that are switched on."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from community.core.services import declared
from community.home.api_docs import api_docs

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("api/", api_docs, name="api_docs"),
    path("api/v1/", include("community.api_urls")),
    path("", include("community.core.urls")),
    path("", include("community.home.urls")),
    path("", include("community.estates.urls")),
    path("", include("accounts.urls")),
    path("", include("community.notifications.urls")),
    path("", include("community.desk.urls")),
    path("", include("services.common.urls")),
    *(path("", include(module)) for service in declared() for module in service.urls),
    path("", include("community.notices.urls")),
    path("", include("community.notices.urls_staff")),
]
if settings.DEMO:
    urlpatterns.append(path("", include("community.demo.urls")))
if settings.DEMO or settings.DEBUG or settings.TESTING:
    from community.home.design import design

    urlpatterns.append(path("design/", design, name="design"))

handler500 = "community.desk.errors.server_error"
