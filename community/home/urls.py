from django.urls import path, re_path

from community.home import offline, views

urlpatterns = [
    path("", views.home, name="home"),
    path("home/live/", views.home_live, name="home_live"),
    path("waiting/", views.waiting, name="waiting"),
    path("mine/", views.mine, name="mine"),
    path("more/", views.more, name="more"),
    path("offline/", offline.signal, name="offline"),
    re_path(r"^offline/(?P<mode>standard|large)/$", offline.page, name="offline_page"),
    path("offline-worker.js", offline.service_worker, name="offline_worker"),
]
