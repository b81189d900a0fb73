"""URLs of closings."""

from django.urls import path

from services.fees.closing import views

urlpatterns = [
    path("staff/fees/closing/", views.closing, name="fees_closing"),
    path("staff/fees/closing/<int:year>-<int:month>/", views.month, name="fees_closing_month"),
    path("staff/fees/closing/prepare/", views.prepare, name="fees_closing_prepare"),
    path("staff/fees/closing/days/", views.days, name="fees_closing_days"),
    path("staff/fees/closing/sheets/<int:pk>/", views.sheet, name="fees_closing_sheet"),
    path("staff/fees/closing/sheets/<int:pk>/sign/", views.sign, name="fees_closing_sign"),
    path("staff/fees/closing/sheets/<int:pk>/sheet.pdf", views.sheet_pdf, name="fees_closing_pdf"),
    path("staff/fees/closing/sheets/<int:pk>/sheet.xlsx", views.sheet_excel, name="fees_closing_excel"),
]
