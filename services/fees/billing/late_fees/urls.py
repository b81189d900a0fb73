"""URLs of late fees, for staff."""

from django.urls import path

from services.fees.billing.late_fees import views

urlpatterns = [
    path("staff/fees/late-fees/", views.late_fees, name="late_fees"),
    path("staff/fees/bills/<int:pk>/waive/", views.ask_waiver, name="late_fee_waive"),
    path("staff/fees/waivers/<int:pk>/agree/", views.agree_waiver, name="waiver_agree"),
    path("staff/fees/waivers/<int:pk>/decline/", views.decline_waiver, name="waiver_decline"),
]
