"""Addresses shared by all services."""

from django.urls import path

from services.common import views

urlpatterns = [
    path("staff/alarms/", views.alarm_bar, name="alarms"),
    path("staff/alarms/<int:pk>/take/", views.take_alarm, name="take_alarm"),
    path("work/sw.js", views.service_worker, name="work_sw"),
    path("work/session/", views.session, name="work_session"),
    path("early-pictures/", views.early_picture, name="early_picture"),
    path("early-pictures/<str:token>/", views.early_picture_shown, name="early_picture_shown"),
    path("early-recordings/", views.early_recording, name="early_recording"),
    path("early-recordings/<str:token>/", views.early_recording_shown, name="early_recording_shown"),
    path("media/ratings/<uuid:pk>/", views.rating_recording, name="rating_recording"),
    path("how-was-it/<int:pk>/", views.how_was_it, name="how_was_it"),
]
