"""The resident's addresses of the fees service."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
