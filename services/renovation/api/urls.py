"""The addresses of the renovation API, below /api/v1/."""

from django.urls import path

from services.renovation.api import views

urlpatterns = [
    path("renovation/", views.Projects.as_view(), name="api_renovations"),
    path("renovation/<int:pk>/", views.OneProject.as_view(), name="api_renovation"),
    path("renovation/<int:pk>/home/<int:home_pk>/", views.OneHome.as_view(), name="api_renovation_home"),
    path("renovation/appointments/", views.Appointments.as_view(), name="api_appointments"),
    path("renovation/appointments/<int:pk>/move/", views.Move.as_view(), name="api_appointment_move"),
    path("renovation/appointments/<int:pk>/cancel/", views.Cancel.as_view(), name="api_appointment_cancel"),
    path("renovation/crew/today/", views.Today.as_view(), name="api_crew_today"),
    path("renovation/appointments/<int:pk>/start/", views.Start.as_view(), name="api_appointment_start"),
    path("renovation/appointments/<int:pk>/done/", views.Done.as_view(), name="api_appointment_done"),
]
