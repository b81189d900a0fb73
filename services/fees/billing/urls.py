"""URLs of bills, billing runs, single charges and fee items, for staff."""

from django.urls import path

from services.fees.billing.views import bills, charges, items, runs

urlpatterns = [
    path("staff/fees/bills/", bills.bills, name="fees_bills"),
    path("staff/fees/bills/<int:pk>/", bills.bill, name="fees_bill"),
    path("staff/fees/bills/<int:pk>/void/", bills.void, name="fees_void"),
    path("staff/fees/bills/<int:pk>/again/", bills.bill_again, name="fees_bill_again"),
    path("staff/fees/items/", items.items, name="fees_items"),
    path("staff/fees/items/<int:pk>/", items.item, name="fees_item"),
    path("staff/fees/homes/<int:pk>/charge/", charges.charge, name="fees_charge"),
    path("staff/fees/runs/", runs.runs, name="billing_runs"),
    path("staff/fees/runs/<int:pk>/", runs.run, name="billing_run"),
    path("staff/fees/runs/<int:pk>/live/", runs.run_live, name="billing_run_live"),
    path("staff/fees/runs/<int:pk>/start/", runs.start, name="billing_run_start"),
    path("staff/fees/runs/<int:pk>/drop/", runs.drop, name="billing_run_drop"),
    path("staff/fees/runs/<int:pk>/void/", runs.void, name="billing_run_void"),
]
