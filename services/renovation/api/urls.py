"""URLs of the renovation API, below /api/v1/."""

from django.urls import path

from services.renovation.api import appointments, projects, warranty

urlpatterns = [
    path("renovation/", projects.Projects.as_view(), name="api_renovations"),
    path("renovation/<int:pk>/", projects.ProjectDetail.as_view(), name="api_renovation"),
    path(
        "renovation/<int:pk>/building/<int:building_pk>/",
        projects.BuildingDetail.as_view(),
        name="api_renovation_building",
    ),
    path("renovation/<int:pk>/questions/", projects.Questions.as_view(), name="api_renovation_questions"),
    path(
        "renovation/<int:pk>/home/<int:home_pk>/", projects.HomeDetail.as_view(), name="api_renovation_home"
    ),
    path(
        "renovation/pictures/<uuid:pk>/<slug:size>/",
        projects.PictureFile.as_view(),
        name="api_renovation_picture",
    ),
    path("renovation/appointments/", appointments.Appointments.as_view(), name="api_appointments"),
    path(
        "renovation/appointments/<int:pk>/", appointments.AppointmentDetail.as_view(), name="api_appointment"
    ),
    path(
        "renovation/appointments/<int:pk>/warranty/",
        warranty.Warranty.as_view(),
        name="api_renovation_warranty",
    ),
    path("renovation/appointments/<int:pk>/move/", appointments.Move.as_view(), name="api_appointment_move"),
    path(
        "renovation/appointments/<int:pk>/cancel/",
        appointments.Cancel.as_view(),
        name="api_appointment_cancel",
    ),
    path(
        "renovation/appointments/<int:pk>/confirm/",
        appointments.Confirm.as_view(),
        name="api_appointment_confirm",
    ),
    path(
        "renovation/appointments/<int:pk>/defects/",
        appointments.Defects.as_view(),
        name="api_appointment_defects",
    ),
    path("renovation/waiting/", appointments.Wait.as_view(), name="api_renovation_wait"),
    path("renovation/waiting/<int:pk>/take/", appointments.TakeOffered.as_view(), name="api_renovation_take"),
    path("renovation/waiting/<int:pk>/leave/", appointments.LeaveList.as_view(), name="api_renovation_leave"),
    path("renovation/crew/today/", appointments.Today.as_view(), name="api_crew_today"),
    path(
        "renovation/appointments/<int:pk>/start/", appointments.Start.as_view(), name="api_appointment_start"
    ),
    path("renovation/appointments/<int:pk>/done/", appointments.Done.as_view(), name="api_appointment_done"),
    path(
        "renovation/appointments/<int:pk>/missed/",
        appointments.Missed.as_view(),
        name="api_appointment_missed",
    ),
]
