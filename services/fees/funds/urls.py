"""URLs of funds, for residents and staff."""

from django.urls import path

from services.fees.funds import views, views_of_staff

urlpatterns = [
    path("fees/funds/", views.funds, name="funds"),
    path("fees/funds/<int:pk>/", views.fund, name="fund"),
    path("fees/funds/<int:pk>/quarter.pdf", views.quarter_pdf, name="fund_pdf"),
    path("fees/funds/<int:pk>/quarter.xlsx", views.quarter_sheet, name="fund_sheet"),
    path("fees/funds/lines/<int:pk>/", views.line, name="fund_line"),
    path("fees/funds/files/<uuid:pk>/", views.file, name="fund_file"),
    path("fees/funds/recordings/<uuid:pk>/", views.recording, name="fund_recording"),
    path("staff/fees/funds/", views_of_staff.funds, name="fees_funds"),
    path("staff/fees/funds/new/<str:kind>/", views_of_staff.new, name="fees_fund_new"),
    path("staff/fees/funds/lines/<int:pk>/", views_of_staff.line, name="fees_fund_line"),
    path("staff/fees/funds/lines/<int:pk>/agree/", views_of_staff.agree, name="fees_fund_agree"),
    path("staff/fees/funds/lines/<int:pk>/decline/", views_of_staff.decline, name="fees_fund_decline"),
    path("staff/fees/funds/lines/<int:pk>/reverse/", views_of_staff.reverse, name="fees_fund_reverse"),
    path("staff/fees/funds/questions/<int:pk>/", views_of_staff.answer, name="fees_fund_answer"),
]
