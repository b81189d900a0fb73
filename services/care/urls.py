"""The resident's addresses of the care service."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
