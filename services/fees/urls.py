"""URLs of the fees service for residents."""

from django.urls import path

from services.fees.views import callbacks, owed, payments, sandbox

urlpatterns = [
    path("fees/callbacks/<slug:provider>/", callbacks.callback, name="fees_callback"),
    path("fees/", owed.owed, name="fees"),
    path("fees/live/", owed.owed_live, name="fees_live"),
    path("fees/pay/", owed.pay, name="fees_pay"),
    path("fees/history/", owed.history, name="fees_history"),
    path("fees/paid/", owed.settled, name="fees_paid"),
    path("fees/<int:pk>/", owed.bill, name="bill"),
    path("fees/payments/<int:pk>/", payments.payment, name="payment"),
    path("fees/payments/<int:pk>/live/", payments.payment_live, name="payment_live"),
    path("fees/payments/<int:pk>/go/", payments.go, name="payment_go"),
    path("fees/payments/<int:pk>/give-up/", payments.give_up, name="payment_give_up"),
    path("fees/payments/<int:pk>/take-back/", payments.take_back, name="payment_take_back"),
    path("fees/payments/<int:pk>/receipt.pdf", payments.receipt_pdf, name="payment_receipt"),
    path("fees/sandbox/<str:number>/", sandbox.cashier, name="fees_sandbox"),
]
