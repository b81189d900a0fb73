"""URLs of the fees service for staff: the cashier's counter and lists."""

from django.urls import path

from services.fees.views import books, charges, counter, doubts, runs

urlpatterns = [
    path("staff/fees/", counter.start, name="fees_desk"),
    path("staff/fees/homes/<int:pk>/", counter.counter, name="fees_counter"),
    path("staff/fees/homes/<int:pk>/live/", counter.counter_live, name="fees_counter_live"),
    path("staff/fees/homes/<int:pk>/charge/", charges.charge, name="fees_charge"),
    path("staff/fees/payments/<int:pk>/", counter.payment, name="fees_payment"),
    path("staff/fees/payments/<int:pk>/refund/", counter.refund, name="fees_refund"),
    path("staff/fees/payments/<int:pk>/print/", counter.print_receipt, name="fees_print"),
    path("staff/fees/payments/<int:pk>/receipt.pdf", counter.receipt_pdf, name="fees_receipt"),
    path("staff/fees/payments/<int:pk>/refund/again/", doubts.refund_again, name="fees_refund_again"),
    path(
        "staff/fees/payments/<int:pk>/refund/approve/",
        doubts.approve_refund,
        name="fees_refund_approve",
    ),
    path(
        "staff/fees/payments/<int:pk>/refund/decline/",
        doubts.decline_refund,
        name="fees_refund_decline",
    ),
    path("staff/fees/checks/", doubts.doubts, name="fees_doubts"),
    path("staff/fees/checks/<int:pk>/", doubts.resolve_doubt, name="fees_resolve_doubt"),
    path("staff/fees/arrears/", books.arrears, name="fees_arrears"),
    path("staff/fees/arrears.xlsx", books.arrears_sheet, name="fees_arrears_sheet"),
    path("staff/fees/bills/", books.bills, name="fees_bills"),
    path("staff/fees/bills/<int:pk>/", books.bill, name="fees_bill"),
    path("staff/fees/bills/<int:pk>/void/", books.void, name="fees_void"),
    path("staff/fees/bills/<int:pk>/again/", books.bill_again, name="fees_bill_again"),
    path("staff/fees/runs/", runs.runs, name="billing_runs"),
    path("staff/fees/runs/<int:pk>/", runs.run, name="billing_run"),
    path("staff/fees/runs/<int:pk>/live/", runs.run_live, name="billing_run_live"),
    path("staff/fees/runs/<int:pk>/start/", runs.start, name="billing_run_start"),
    path("staff/fees/runs/<int:pk>/drop/", runs.drop, name="billing_run_drop"),
    path("staff/fees/runs/<int:pk>/void/", runs.void, name="billing_run_void"),
    path("staff/fees/items/", books.items, name="fees_items"),
    path("staff/fees/items/<int:pk>/", books.item, name="fees_item"),
]
