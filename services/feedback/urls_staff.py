"""URLs of feedback for staff."""

from django.urls import path

from services.feedback.views import desk

urlpatterns = [
    path("staff/feedback/", desk.queue, name="staff_feedback"),
    path("staff/feedback/live/", desk.queue_live, name="staff_feedback_live"),
    path("staff/feedback/<int:pk>/", desk.thread, name="staff_feedback_one"),
    path("staff/feedback/<int:pk>/live/", desk.thread_live, name="staff_feedback_one_live"),
    path("staff/feedback/<int:pk>/do/<slug:verb>/", desk.act, name="staff_feedback_act"),
]
