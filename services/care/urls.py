"""The resident's addresses of the care service."""

from django.urls import path

from services.care.views import choosing, following

urlpatterns = [
    path("care/", choosing.catalogue, name="care"),
    path("care/services/<int:pk>/", choosing.when, name="care_service"),
    path("care/new/<uuid:draft_id>/question/", choosing.question, name="care_question"),
    path("care/new/<uuid:draft_id>/check/", choosing.check, name="care_check"),
    path("care/new/<uuid:draft_id>/hold/", choosing.hold_live, name="care_hold_live"),
    path("care/new/<uuid:draft_id>/again/", choosing.again, name="care_hold_again"),
    path("care/times/<int:pk>/wait/", choosing.wait, name="care_wait"),
    path("care/waiting/<int:pk>/", choosing.waiting, name="care_waiting"),
    path("care/bookings/", following.bookings, name="care_bookings"),
    path("care/bookings/<int:pk>/", following.booking, name="care_booking"),
    path("care/bookings/<int:pk>/live/", following.booking_live, name="care_booking_live"),
    path("care/bookings/<int:pk>/cancel/", following.cancel, name="care_cancel"),
    path("care/bookings/<int:pk>/move/", following.move, name="care_move"),
    path("care/bookings/<int:pk>/thumb/", following.thumb, name="care_thumb"),
]
