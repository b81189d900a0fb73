"""The addresses of the help API, below /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
