"""Addresses of pages for people who answer calls, and of the duty roster."""

from django.urls import path

from services.help.views import duty, staff

urlpatterns = [
    path("staff/help/", staff.calls_page, name="staff_help"),
    path("staff/help/open/", staff.calls_live, name="staff_help_live"),
    path("staff/help/drill/", staff.drill, name="staff_help_drill"),
    path("staff/help/duty/", duty.week, name="help_duty"),
    path("staff/help/duty/add/", duty.add_shift, name="help_duty_add"),
    path("staff/help/duty/<int:pk>/remove/", duty.remove_shift, name="help_duty_remove"),
    path("staff/help/duty/leave/", duty.add_leave, name="help_leave_add"),
    path("staff/help/duty/leave/<int:pk>/remove/", duty.remove_leave, name="help_leave_remove"),
    path("staff/help/<int:pk>/", staff.call_page, name="staff_help_call"),
    path("staff/help/<int:pk>/live/", staff.call_live, name="staff_help_call_live"),
    path("staff/help/<int:pk>/<slug:verb>/", staff.act, name="staff_help_act"),
]
