"""The residents' addresses of feedback."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
