"""All addresses, by wing."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("community.home.urls")),
    path("", include("services.repairs.urls")),
]
if settings.DEMO or settings.DEBUG or settings.TESTING:
    from community.home.design import design

    urlpatterns.append(path("design/", design, name="design"))
