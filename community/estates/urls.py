from django.urls import path

from community.estates import views

urlpatterns = [path("staff/signs/", views.signs, name="signs")]
