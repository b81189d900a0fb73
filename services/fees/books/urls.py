"""URLs of the books: takings, reports, statements, invoices and opening balances."""

from django.urls import path

from services.fees.books.views import (
    invoices,
    invoices_of_staff,
    ledger,
    openings,
    reports,
    statements,
    takings,
)

urlpatterns = [
    path("staff/fees/takings/", takings.takings, name="fees_takings"),
    path("staff/fees/takings.xlsx", takings.takings_sheet, name="fees_takings_sheet"),
    path("staff/fees/reports/", reports.report, name="fees_report"),
    path("staff/fees/reports.xlsx", reports.report_sheet, name="fees_report_sheet"),
    path("staff/fees/ledger/", ledger.entries, name="fees_ledger"),
    path("staff/fees/ledger/<int:pk>/", ledger.entry, name="fees_entry"),
    path("staff/fees/ledger/reversals/<int:pk>/confirm/", ledger.confirm, name="fees_reversal_confirm"),
    path("staff/fees/ledger/reversals/<int:pk>/decline/", ledger.decline, name="fees_reversal_decline"),
    path("staff/fees/openings/", openings.openings, name="fees_openings"),
    path("staff/fees/openings/<int:pk>/", openings.opening, name="fees_opening"),
    path("staff/fees/openings/<int:pk>/undo/", openings.undo, name="fees_opening_undo"),
    path("fees/invoices/", invoices.invoices, name="invoices"),
    path("fees/invoices/new/", invoices.ask, name="invoice_new"),
    path("fees/invoices/<int:pk>/", invoices.invoice, name="invoice"),
    path("fees/invoices/<int:pk>/withdraw/", invoices.withdraw, name="invoice_withdraw"),
    path("fees/invoices/<int:pk>/file/", invoices.invoice_file, name="invoice_file"),
    path("fees/statement/", statements.statement, name="fees_statement"),
    path("fees/statement.pdf", statements.statement_pdf, name="fees_statement_pdf"),
    path("staff/fees/homes/<int:pk>/statement/", statements.of_home, name="fees_home_statement"),
    path("staff/fees/homes/<int:pk>/statement.pdf", statements.of_home_pdf, name="fees_home_statement_pdf"),
    path("staff/fees/invoices/", invoices_of_staff.invoices, name="fees_invoices"),
    path("staff/fees/invoices.xlsx", invoices_of_staff.invoices_sheet, name="fees_invoices_sheet"),
    path("staff/fees/invoices/<int:pk>/", invoices_of_staff.invoice, name="fees_invoice"),
    path("staff/fees/invoices/<int:pk>/issue/", invoices_of_staff.issue, name="fees_invoice_issue"),
    path("staff/fees/invoices/<int:pk>/refuse/", invoices_of_staff.refuse, name="fees_invoice_refuse"),
    path("staff/fees/invoices/<int:pk>/reverse/", invoices_of_staff.reverse, name="fees_invoice_reverse"),
]
