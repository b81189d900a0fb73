"""URLs of the care API, below /api/v1/."""

from django.urls import path

from services.care.api import views

urlpatterns = [
    path("care-services/", views.CareServices.as_view(), name="api_care_services"),
    path("care-services/<int:pk>/times/", views.CareTimes.as_view(), name="api_care_times"),
    path("care-bookings/", views.CareBookings.as_view(), name="api_care_bookings"),
    path("care-bookings/<int:pk>/", views.CareBookingDetail.as_view(), name="api_care_booking"),
    path("care-bookings/<int:pk>/cancel/", views.Cancel.as_view(), name="api_care_cancel"),
    path("care-bookings/<int:pk>/move/", views.Move.as_view(), name="api_care_move"),
    path("care-bookings/<int:pk>/thumb/", views.Thumb.as_view(), name="api_care_thumb"),
    path("care-visits/", views.CareVisits.as_view(), name="api_care_visits"),
    path("care-visits/<int:pk>/start/", views.Start.as_view(), name="api_care_start"),
    path("care-visits/<int:pk>/finish/", views.Finish.as_view(), name="api_care_finish"),
    path("care-visits/<int:pk>/missed/", views.Missed.as_view(), name="api_care_missed"),
]
