"""The addresses of those who work with notices."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
