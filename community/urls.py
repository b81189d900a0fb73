"""All addresses, by wing."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/login/", RedirectView.as_view(pattern_name="staff_sign_in", query_string=True)),
    path("admin/", admin.site.urls),
    path("", include("community.home.urls")),
    path("", include("accounts.urls")),
    path("", include("community.desk.urls")),
    path("", include("services.common.urls")),
    path("", include("services.repairs.urls")),
    path("", include("services.repairs.urls_staff")),
]
if settings.DEMO:
    urlpatterns.append(path("", include("community.demo.urls")))
if settings.DEMO or settings.DEBUG or settings.TESTING:
    from community.home.design import design

    urlpatterns.append(path("design/", design, name="design"))
