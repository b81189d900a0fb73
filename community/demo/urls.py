"""Addresses of the demo, included only there."""

from django.urls import path

from community.demo import views

urlpatterns = [
    path("demo/sign-in/", views.demo_sign_in, name="demo_sign_in"),
    path("demo/wechat/", views.as_in_wechat, name="demo_as_in_wechat"),
]
