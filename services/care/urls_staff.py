"""The addresses of those who work in the care service."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
