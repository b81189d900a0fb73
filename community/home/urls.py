from django.urls import path

from community.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/live/", views.home_live, name="home_live"),
    path("more/", views.more, name="more"),
]
