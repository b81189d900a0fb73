"""The addresses of those who work in the fees service."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
