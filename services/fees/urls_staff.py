"""URLs of the fees service for staff: the cashier's counter and lists."""

from django.urls import path

from services.fees.views import codes, counter, deposits, doubts, moves, refunds

urlpatterns = [
    path("staff/fees/", counter.start, name="fees_desk"),
    path("staff/fees/homes/<int:pk>/", counter.counter, name="fees_counter"),
    path("staff/fees/homes/<int:pk>/live/", counter.counter_live, name="fees_counter_live"),
    path("staff/fees/payments/<int:pk>/", counter.payment, name="fees_payment"),
    path("staff/fees/payments/<int:pk>/code/", codes.code, name="fees_code"),
    path("staff/fees/payments/<int:pk>/code/live/", codes.code_live, name="fees_code_live"),
    path("staff/fees/payments/<int:pk>/code/ask/", codes.ask, name="fees_code_ask"),
    path("staff/fees/payments/<int:pk>/refund/", counter.refund, name="fees_refund"),
    path("staff/fees/payments/<int:pk>/print/", counter.print_receipt, name="fees_print"),
    path("staff/fees/payments/<int:pk>/receipt.pdf", counter.receipt_pdf, name="fees_receipt"),
    path("staff/fees/payments/<int:pk>/move/", moves.move, name="fees_move"),
    path("staff/fees/refunds/", refunds.refunds, name="fees_refunds"),
    path("staff/fees/refunds/<int:pk>/", refunds.refund, name="fees_refund_page"),
    path("staff/fees/refunds/<int:pk>/slip.pdf", refunds.slip, name="fees_refund_slip"),
    path("staff/fees/refunds/<int:pk>/again/", refunds.again, name="fees_refund_again"),
    path("staff/fees/refunds/<int:pk>/approve/", refunds.approve, name="fees_refund_approve"),
    path("staff/fees/refunds/<int:pk>/decline/", refunds.decline, name="fees_refund_decline"),
    path("staff/fees/accounts/<int:pk>/pay-out/", refunds.pay_out, name="fees_pay_out"),
    path("staff/fees/homes/<int:pk>/deposit/", deposits.take, name="fees_take_deposit"),
    path("staff/fees/deposits/", deposits.deposits, name="fees_deposits"),
    path("staff/fees/deposits.xlsx", deposits.deposits_sheet, name="fees_deposits_sheet"),
    path("staff/fees/deposits/<int:pk>/", deposits.deposit, name="fees_deposit"),
    path("staff/fees/checks/", doubts.doubts, name="fees_doubts"),
    path("staff/fees/checks/<int:pk>/", doubts.resolve_doubt, name="fees_resolve_doubt"),
]
