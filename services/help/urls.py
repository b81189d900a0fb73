"""Addresses of residents' pages of help."""

from django.urls import path

from services.help.views import resident

urlpatterns = [
    path("help/", resident.help_page, name="help"),
    path("help/call/", resident.raise_call, name="help_raise"),
    path("help/<int:pk>/", resident.call_page, name="help_call"),
    path("help/<int:pk>/live/", resident.call_live, name="help_call_live"),
    path("help/<int:pk>/back/", resident.take_back, name="help_cancel"),
]
