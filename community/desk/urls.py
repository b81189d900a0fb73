from django.urls import path

from community.desk import family, feedback, morning_views, things, views

urlpatterns = [
    path("staff/", views.start, name="desk"),
    path("staff/morning/", morning_views.page, name="morning"),
    path("staff/morning/live/", morning_views.page_live, name="morning_live"),
    path("staff/morning/today/<slug:key>/", morning_views.section, name="morning_section"),
    path("staff/morning/figures/<slug:key>/", morning_views.measure, name="measure"),
    path("staff/morning/figures/<slug:key>/figures.xlsx", morning_views.measure_sheet, name="measure_sheet"),
    path("staff/morning/figures/<slug:key>/rows/", morning_views.rows, name="measure_rows"),
    path("staff/morning/figures/<slug:key>/rows.xlsx", morning_views.rows_sheet, name="measure_rows_sheet"),
    path("staff/residents/", views.residents, name="desk_residents"),
    path("staff/residents/new/", views.register, name="desk_register"),
    path("staff/residents/<int:pk>/", views.resident, name="desk_resident"),
    path("staff/residents/<int:pk>/name/", views.rename, name="desk_rename"),
    path("staff/residents/<int:pk>/number/", views.change_number, name="desk_change_number"),
    path("staff/residents/<int:pk>/mode/", views.set_mode, name="desk_set_mode"),
    path("staff/residents/<int:pk>/family/", family.family, name="desk_family"),
    path("staff/residents/<int:pk>/family/<int:delegate>/end/", family.end_family, name="desk_end_family"),
    path("staff/family/<int:pk>/code/", family.agree_by_code, name="desk_family_code"),
    path("staff/family/<int:pk>/confirm/", family.confirm_paper, name="desk_family_confirm"),
    path("staff/family/<int:pk>/drop/", family.drop_request, name="desk_family_drop"),
    path("staff/family/<int:pk>/paper.jpg", family.paper, name="desk_family_paper"),
    path("staff/residencies/", views.residencies, name="desk_residencies"),
    path("staff/residencies/<int:pk>/", views.residency, name="desk_residency"),
    path("staff/residencies/<int:pk>/approve/", views.approve, name="desk_approve"),
    path("staff/residencies/<int:pk>/decline/", views.decline, name="desk_decline"),
    path("staff/residencies/<int:pk>/end/", views.end_home, name="desk_end_home"),
    path("staff/of/<int:estate_pk>/<str:reference>/", things.thing, name="staff_thing"),
    path("staff/feedback/<int:pk>/repair/", feedback.make_repair, name="staff_feedback_repair"),
]
