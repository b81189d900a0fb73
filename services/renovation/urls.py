"""The residents' addresses of renovation."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
