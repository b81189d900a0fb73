"""Residents' URLs of the care service."""

from django.urls import path

from services.care.views import carers, menus, questions, resident

urlpatterns = [
    path("care/", questions.catalogue, name="care"),
    path("care/services/<int:pk>/", questions.when, name="care_service"),
    path("care/new/<uuid:draft_id>/question/", questions.question, name="care_question"),
    path("care/new/<uuid:draft_id>/check/", questions.check, name="care_check"),
    path("care/new/<uuid:draft_id>/hold/", questions.hold_live, name="care_hold_live"),
    path("care/new/<uuid:draft_id>/again/", questions.again, name="care_hold_again"),
    path("care/times/<int:pk>/wait/", questions.wait, name="care_wait"),
    path("care/waiting/<int:pk>/", questions.waiting, name="care_waiting"),
    path("care/services/<int:pk>/menu/", menus.menu, name="care_menu"),
    path("care/bookings/", resident.bookings, name="care_bookings"),
    path("care/bookings/<int:pk>/", resident.booking, name="care_booking"),
    path("care/bookings/<int:pk>/live/", resident.booking_live, name="care_booking_live"),
    path("care/bookings/<int:pk>/calendar.ics", resident.calendar, name="care_calendar"),
    path("care/bookings/<int:pk>/cancel/", resident.cancel, name="care_cancel"),
    path("care/bookings/<int:pk>/move/", resident.move, name="care_move"),
    path("care/bookings/<int:pk>/thumb/", resident.thumb, name="care_thumb"),
    path("media/care/spoken/<uuid:pk>/", resident.recording, name="care_recording"),
    path("media/care/menus/<uuid:pk>/<str:size>/", menus.menu_picture, name="care_menu_picture"),
    path("media/care/carers/<uuid:pk>/<str:size>/", carers.carer_picture, name="care_carer_picture"),
]
