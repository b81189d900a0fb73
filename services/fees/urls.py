"""URLs of the fees service for residents."""

from django.urls import path

from services.fees.views import callbacks, deposits, payments, resident, sandbox

urlpatterns = [
    path("fees/callbacks/<slug:provider>/", callbacks.callback, name="fees_callback"),
    path("fees/callbacks/<slug:provider>/<int:merchant>/", callbacks.callback, name="fees_merchant_callback"),
    path("fees/", resident.owed, name="fees"),
    path("fees/live/", resident.owed_live, name="fees_live"),
    path("fees/pay/", resident.pay, name="fees_pay"),
    path("fees/history/", resident.history, name="fees_history"),
    path("fees/paid/", resident.settled, name="fees_paid"),
    path("fees/deposits/", deposits.own_deposits, name="deposits"),
    path("fees/deposits/<int:pk>/", deposits.own_deposit, name="deposit"),
    path("fees/<int:pk>/", resident.bill, name="bill"),
    path("fees/payments/<int:pk>/", payments.payment, name="payment"),
    path("fees/payments/<int:pk>/live/", payments.payment_live, name="payment_live"),
    path("fees/payments/<int:pk>/go/", payments.go, name="payment_go"),
    path("fees/payments/<int:pk>/openid/", payments.openid, name="payment_openid"),
    path("fees/payments/<int:pk>/give-up/", payments.give_up, name="payment_give_up"),
    path("fees/payments/<int:pk>/take-back/", payments.take_back, name="payment_take_back"),
    path("fees/payments/<int:pk>/receipt/", payments.receipt, name="payment_receipt_page"),
    path("fees/payments/<int:pk>/receipt.png", payments.receipt_picture, name="payment_receipt_picture"),
    path("fees/payments/<int:pk>/receipt.pdf", payments.receipt_pdf, name="payment_receipt"),
    path("fees/sandbox/<str:number>/", sandbox.cashier, name="fees_sandbox"),
]
