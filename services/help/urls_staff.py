"""The addresses of those who work in the help service."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
