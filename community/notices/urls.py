"""Addresses of notices for residents."""

from django.urls import path

from community.notices.views import resident

urlpatterns = [
    path("notices/", resident.notices, name="notices"),
    path("notices/live/", resident.notices_live, name="notices_live"),
    path("notices/<int:pk>/", resident.notice, name="notice"),
    path("notices/<int:pk>/live/", resident.notice_live, name="notice_live"),
    # Short, because it is encoded in a poster's QR code.
    path("n/<slug:code>/", resident.by_code, name="notice_by_code"),
]
