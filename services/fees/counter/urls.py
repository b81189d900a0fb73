"""URLs of the till."""

from django.urls import path

from services.fees.counter import views

urlpatterns = [
    path("staff/fees/shifts/", views.shifts, name="fees_shifts"),
    path("staff/fees/shifts/<int:pk>/", views.shift, name="fees_shift"),
    path("staff/fees/shifts/<int:pk>/bank/", views.bank, name="fees_shift_bank"),
    path("staff/fees/banked/<int:pk>/undo/", views.undo_banked, name="fees_banked_undo"),
    path("staff/fees/shifts/<int:pk>/sheet.pdf", views.shift_sheet, name="fees_shift_sheet"),
    path("staff/fees/receipts/", views.receipts, name="fees_receipts"),
    path("staff/fees/receipts/<int:pk>/void/", views.void, name="fees_receipt_void"),
]
