"""Addresses of notices for staff."""

from django.urls import path

from community.notices.views import readings, staff, unreached

urlpatterns = [
    path("staff/notices/", staff.staff_notices, name="staff_notices"),
    path("staff/notices/new/", staff.new, name="staff_notice_new"),
    path("staff/notices/<int:pk>/", staff.staff_notice, name="staff_notice"),
    path("staff/notices/<int:pk>/live/", staff.staff_notice_live, name="staff_notice_live"),
    path("staff/notices/<int:pk>/edit/", staff.edit, name="staff_notice_edit"),
    path("staff/notices/<int:pk>/do/<slug:verb>/", staff.act, name="staff_notice_act"),
    path("staff/notices/<int:pk>/poster.pdf", readings.poster, name="staff_notice_poster"),
    path("staff/notices/<int:pk>/unreached/", unreached.page, name="staff_notice_unreached"),
    path("staff/notices/<int:pk>/roster/", unreached.roster, name="staff_notice_roster"),
    path("staff/notices/<int:pk>/reading/", readings.reading, name="staff_notice_reading"),
    path("staff/notices/<int:pk>/reading/live/", readings.reading_live, name="staff_notice_reading_live"),
    path("staff/notices/<int:pk>/doors.xlsx", readings.sheet, name="staff_notice_sheet"),
    path("staff/notices/<int:pk>/doors/<int:building_pk>/", readings.building, name="staff_notice_doors"),
    path(
        "staff/notices/<int:pk>/doors/<int:building_pk>/live/",
        readings.building_live,
        name="staff_notice_doors_live",
    ),
    path("staff/notices/<int:pk>/door/<int:home_pk>/", readings.door, name="staff_notice_door"),
]
