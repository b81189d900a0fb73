"""The addresses of those who work with feedback."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
