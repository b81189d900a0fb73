from django.urls import path

from community.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/live/", views.home_live, name="home_live"),
    path("waiting/", views.waiting, name="waiting"),
    path("mine/", views.mine, name="mine"),
    path("more/", views.more, name="more"),
]
