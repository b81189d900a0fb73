from django.urls import path

from community.home import views, warranty

urlpatterns = [
    path("", views.home, name="home"),
    path("home/live/", views.home_live, name="home_live"),
    path("renovation/appointments/<int:pk>/warranty/", warranty.warranty, name="renovation_warranty"),
    path("more/", views.more, name="more"),
]
