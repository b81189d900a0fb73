"""Addresses of the help API, below /api/v1/."""

from django.urls import path

from services.help.api import views

urlpatterns = [
    path("help-calls/", views.HelpCalls.as_view(), name="api_help_calls"),
    path("help-calls/<int:pk>/", views.HelpCallDetail.as_view(), name="api_help_call"),
    path("help-calls/<int:pk>/cancel/", views.Cancel.as_view(), name="api_help_cancel"),
    path("help-calls/<int:pk>/take/", views.Take.as_view(), name="api_help_take"),
    path("help-calls/<int:pk>/end/", views.End.as_view(), name="api_help_end"),
]
