"""The resident's addresses of the help service."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
