"""URLs of the fees API, below /api/v1/."""

from django.urls import path

from services.fees.api import resident

urlpatterns = [
    path("fees/homes/", resident.Homes.as_view(), name="api_fees_homes"),
    path("bills/", resident.Bills.as_view(), name="api_bills"),
    path("bills/<int:pk>/", resident.OneBill.as_view(), name="api_bill"),
    path("deposits/", resident.Deposits.as_view(), name="api_deposits"),
    path("payments/", resident.Payments.as_view(), name="api_payments"),
    path("payments/<int:pk>/", resident.OnePayment.as_view(), name="api_payment"),
    path("payments/<int:pk>/pay-back/", resident.PayBack.as_view(), name="api_pay_back"),
]
