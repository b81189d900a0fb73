"""The addresses of the notices API, below /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
