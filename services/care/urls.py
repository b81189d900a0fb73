"""Residents' URLs of the care service."""

from django.urls import path

from services.care.views import booking, follow

urlpatterns = [
    path("care/", booking.catalogue, name="care"),
    path("care/services/<int:pk>/", booking.when, name="care_service"),
    path("care/new/<uuid:draft_id>/question/", booking.question, name="care_question"),
    path("care/new/<uuid:draft_id>/check/", booking.check, name="care_check"),
    path("care/new/<uuid:draft_id>/hold/", booking.hold_live, name="care_hold_live"),
    path("care/new/<uuid:draft_id>/again/", booking.again, name="care_hold_again"),
    path("care/times/<int:pk>/wait/", booking.wait, name="care_wait"),
    path("care/waiting/<int:pk>/", booking.waiting, name="care_waiting"),
    path("care/bookings/", follow.bookings, name="care_bookings"),
    path("care/bookings/<int:pk>/", follow.booking, name="care_booking"),
    path("care/bookings/<int:pk>/live/", follow.booking_live, name="care_booking_live"),
    path("care/bookings/<int:pk>/cancel/", follow.cancel, name="care_cancel"),
    path("care/bookings/<int:pk>/move/", follow.move, name="care_move"),
    path("care/bookings/<int:pk>/thumb/", follow.thumb, name="care_thumb"),
]
