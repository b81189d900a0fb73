"""URLs of the reconciliation with payment providers."""

from django.urls import path

from services.fees.matching import views, views_bank

urlpatterns = [
    path("staff/fees/matching/", views.days, name="matching"),
    path("staff/fees/matching/agree/", views.agree_all, name="matching_agree_all"),
    path("staff/fees/matching/<int:pk>/", views.day, name="matching_day"),
    path("staff/fees/matching/<int:pk>/agree/", views.agree, name="matching_agree"),
    path("staff/fees/matching/<int:pk>/lines.xlsx", views.lines_sheet, name="matching_sheet"),
    path("staff/fees/matching/differences/<int:pk>/take/", views_bank.take, name="matching_take"),
    path("staff/fees/matching/differences/<int:pk>/settle/", views.settle, name="matching_settle"),
    path("staff/fees/matching/differences/<int:pk>/note/", views.note, name="matching_note"),
]
