"""The addresses of the board and of the worker's phone page."""

from django.urls import path

from services.repairs.views import from_feedback, staff, work

urlpatterns = [
    path("staff/repairs/", staff.columns_page, name="board"),
    path("staff/repairs/columns/", staff.columns_live, name="board_columns"),
    path("staff/repairs/list/", staff.list_page, name="board_list"),
    path("staff/repairs/<int:pk>/", staff.repair_page, name="board_repair"),
    path("staff/repairs/<int:pk>/live/", staff.repair_live, name="board_repair_live"),
    path("staff/repairs/<int:pk>/<slug:verb>/", staff.act, name="board_act"),
    path("staff/feedback/<int:pk>/repair/", from_feedback.make_repair, name="staff_feedback_repair"),
    path("work/", work.jobs, name="work"),
    path("work/live/", work.jobs_live, name="work_live"),
    path("work/waiting/", work.waiting, name="work_waiting"),
    path("work/<int:pk>/", work.job, name="work_job"),
    path("work/<int:pk>/live/", work.job_live, name="work_job_live"),
    path("work/<int:pk>/<slug:verb>/", work.act, name="work_act"),
]
