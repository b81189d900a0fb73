"""All addresses, by wing."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

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
    path("", include("services.repairs.urls")),
    path("", include("services.repairs.urls_staff")),
    path("", include("services.fees.urls")),
    path("", include("services.fees.urls_staff")),
    path("", include("services.care.urls")),
    path("", include("services.care.urls_staff")),
    path("", include("services.help.urls")),
    path("", include("services.help.urls_staff")),
    path("", include("services.renovation.urls")),
    path("", include("services.renovation.urls_staff")),
    path("", include("services.feedback.urls")),
    path("", include("services.feedback.urls_staff")),
    path("", include("community.notices.urls")),
    path("", include("community.notices.urls_staff")),
]
if settings.DEMO:
    urlpatterns.append(path("", include("community.demo.urls")))
if settings.DEMO or settings.DEBUG or settings.TESTING:
    from community.home.design import design

    urlpatterns.append(path("design/", design, name="design"))

handler500 = "community.desk.errors.server_error"
