"""Residents' URLs of renovation."""

from django.urls import path

from services.renovation.views import booking, follow, home, project, warranty

urlpatterns = [
    path("renovation/", project.projects, name="renovations"),
    path("renovation/<int:pk>/", project.project, name="renovation"),
    path("renovation/<int:pk>/live/", project.project_live, name="renovation_live"),
    path("renovation/<int:pk>/building/<int:building_pk>/", project.building, name="renovation_building"),
    path(
        "renovation/<int:pk>/building/<int:building_pk>/live/",
        project.building_live,
        name="renovation_building_live",
    ),
    path("renovation/<int:pk>/questions/", project.questions, name="renovation_questions"),
    path("renovation/<int:pk>/questions/new/", project.ask, name="renovation_ask"),
    path("renovation/<int:pk>/home/<int:home_pk>/", home.home, name="renovation_home"),
    path("renovation/<int:pk>/home/<int:home_pk>/live/", home.home_live, name="renovation_home_live"),
    path("renovation/<int:pk>/home/<int:home_pk>/answer/", home.take_part, name="renovation_take_part"),
    path(
        "renovation/<int:pk>/home/<int:home_pk>/work/<int:item_pk>/", booking.times, name="renovation_times"
    ),
    path(
        "renovation/<int:pk>/home/<int:home_pk>/work/<int:item_pk>/wait/",
        booking.wait,
        name="renovation_wait",
    ),
    path("renovation/offers/<int:pk>/", booking.offer, name="renovation_offer"),
    path("renovation/appointments/<int:pk>/", follow.appointment, name="appointment"),
    path("renovation/appointments/<int:pk>/live/", follow.appointment_live, name="appointment_live"),
    path("renovation/appointments/<int:pk>/move/", booking.move, name="appointment_move"),
    path("renovation/appointments/<int:pk>/cancel/", follow.cancel, name="appointment_cancel"),
    path("renovation/appointments/<int:pk>/confirm/", follow.confirm, name="appointment_confirm"),
    path("renovation/appointments/<int:pk>/defects/", follow.defects, name="appointment_defects"),
    path("renovation/appointments/<int:pk>/warranty/", warranty.warranty, name="renovation_warranty"),
    path("media/renovation/<uuid:pk>/<str:size>/", project.picture, name="renovation_picture"),
]
