from django.urls import path

from community.core import doors, health, metrics, views

urlpatterns = [
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("csp-reports/", doors.csp_report, name="csp_report"),
    path("speech/<slug:digest>.mp3", views.spoken_text, name="speech"),
    path("staff/exports/<int:pk>/", views.export_file, name="export_file"),
    path("staff/exports/<int:pk>/file.xlsx", views.export_download, name="export_download"),
]
