"""URLs of feedback for staff."""

from django.urls import path

from services.feedback.views import staff

urlpatterns = [
    path("staff/feedback/", staff.queue, name="staff_feedback"),
    path("staff/feedback/live/", staff.queue_live, name="staff_feedback_live"),
    path("staff/feedback/<int:pk>/", staff.thread, name="staff_feedback_one"),
    path("staff/feedback/<int:pk>/live/", staff.thread_live, name="staff_feedback_one_live"),
    path("staff/feedback/<int:pk>/do/<slug:verb>/", staff.act, name="staff_feedback_act"),
]
