"""URLs of the books: takings, reports, statements, invoices and opening balances."""

from django.urls import path

from services.fees.books.views import openings, reports, takings

urlpatterns = [
    path("staff/fees/takings/", takings.takings, name="fees_takings"),
    path("staff/fees/takings.xlsx", takings.takings_sheet, name="fees_takings_sheet"),
    path("staff/fees/reports/", reports.report, name="fees_report"),
    path("staff/fees/reports.xlsx", reports.report_sheet, name="fees_report_sheet"),
    path("staff/fees/openings/", openings.openings, name="fees_openings"),
    path("staff/fees/openings/<int:pk>/", openings.opening, name="fees_opening"),
    path("staff/fees/openings/<int:pk>/undo/", openings.undo, name="fees_opening_undo"),
]
