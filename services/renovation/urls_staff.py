"""The addresses of those who work with renovation."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
