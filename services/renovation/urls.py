"""Residents' URLs of renovation."""

from django.urls import path

from services.renovation.views import home, projects, questions, resident, warranty

urlpatterns = [
    path("renovation/", projects.projects, name="renovations"),
    path("renovation/<int:pk>/", projects.project, name="renovation"),
    path("renovation/<int:pk>/live/", projects.project_live, name="renovation_live"),
    path("renovation/<int:pk>/building/<int:building_pk>/", projects.building, name="renovation_building"),
    path(
        "renovation/<int:pk>/building/<int:building_pk>/live/",
        projects.building_live,
        name="renovation_building_live",
    ),
    path("renovation/<int:pk>/questions/", projects.questions, name="renovation_questions"),
    path("renovation/<int:pk>/questions/new/", projects.ask, name="renovation_ask"),
    path("renovation/<int:pk>/home/<int:home_pk>/", home.home, name="renovation_home"),
    path("renovation/<int:pk>/home/<int:home_pk>/live/", home.home_live, name="renovation_home_live"),
    path("renovation/<int:pk>/home/<int:home_pk>/answer/", home.take_part, name="renovation_take_part"),
    path(
        "renovation/<int:pk>/home/<int:home_pk>/work/<int:item_pk>/", questions.when, name="renovation_times"
    ),
    path(
        "renovation/<int:pk>/home/<int:home_pk>/work/<int:item_pk>/wait/",
        questions.wait,
        name="renovation_wait",
    ),
    path("renovation/offers/<int:pk>/", questions.offer, name="renovation_offer"),
    path("renovation/appointments/<int:pk>/", resident.appointment, name="appointment"),
    path("renovation/appointments/<int:pk>/live/", resident.appointment_live, name="appointment_live"),
    path("renovation/appointments/<int:pk>/calendar.ics", resident.calendar, name="appointment_calendar"),
    path("renovation/appointments/<int:pk>/move/", questions.move, name="appointment_move"),
    path("renovation/appointments/<int:pk>/cancel/", resident.cancel, name="appointment_cancel"),
    path("renovation/appointments/<int:pk>/confirm/", resident.confirm, name="appointment_confirm"),
    path("renovation/appointments/<int:pk>/defects/", resident.defects, name="appointment_defects"),
    path("renovation/appointments/<int:pk>/warranty/", warranty.warranty, name="renovation_warranty"),
    path("media/renovation/spoken/<uuid:pk>/", resident.recording, name="renovation_recording"),
    path("media/renovation/<uuid:pk>/<str:size>/", projects.picture, name="renovation_picture"),
]
