"""URLs of the coordinator's pages and of the crew's phone pages."""

from django.urls import path

from services.renovation.views import staff, work

urlpatterns = [
    path("staff/renovation/", staff.projects, name="staff_renovations"),
    path("staff/renovation/<int:pk>/", staff.project, name="staff_renovation"),
    path("staff/renovation/<int:pk>/live/", staff.project_live, name="staff_renovation_live"),
    path("staff/renovation/<int:pk>/questions/", staff.answer, name="staff_renovation_questions"),
    path("staff/renovation/<int:pk>/week/", staff.week, name="staff_renovation_week"),
    path("staff/renovation/<int:pk>/week/live/", staff.week_live, name="staff_renovation_week_live"),
    path(
        "staff/renovation/<int:pk>/building/<int:building_pk>/",
        staff.building,
        name="staff_renovation_building",
    ),
    path(
        "staff/renovation/<int:pk>/building/<int:building_pk>/live/",
        staff.building_live,
        name="staff_renovation_building_live",
    ),
    path("staff/renovation/<int:pk>/home/<int:home_pk>/", staff.door, name="renovation_door"),
    path("staff/renovation/<int:pk>/<slug:verb>/", staff.project_act, name="staff_renovation_act"),
    path("staff/renovation/appointments/<int:pk>/", staff.appointment, name="staff_appointment"),
    path(
        "staff/renovation/appointments/<int:pk>/<slug:verb>/",
        staff.appointment_act,
        name="staff_appointment_act",
    ),
    path("crew/", work.jobs, name="crew"),
    path("crew/live/", work.jobs_live, name="crew_live"),
    path("crew/<int:pk>/", work.job, name="crew_job"),
    path("crew/<int:pk>/live/", work.job_live, name="crew_job_live"),
    path("crew/<int:pk>/<slug:verb>/", work.act, name="crew_act"),
]
