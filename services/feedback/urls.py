"""URLs of feedback for residents; none of them contains a code."""

from django.urls import path

from services.feedback.views import follow, write

urlpatterns = [
    path("feedback/", follow.feedback_list, name="feedback_list"),
    path("feedback/new/", write.new, name="feedback_new"),
    path("feedback/send/", write.send, name="feedback_send"),
    path("feedback/without-name/", write.send_without_name, name="feedback_send_without_name"),
    path("feedback/code/", follow.enter_code, name="feedback_code"),
    path("feedback/code/thread/", follow.by_code, name="feedback_by_code"),
    path("feedback/code/leave/", follow.leave_code, name="feedback_leave_code"),
    path("feedback/code/thread/<slug:verb>/", follow.by_code_act, name="feedback_by_code_act"),
    path(
        "feedback/code/pictures/<uuid:pk>/<str:size>/",
        follow.by_code_picture,
        name="feedback_by_code_picture",
    ),
    path("feedback/<int:pk>/", follow.feedback, name="feedback"),
    path("feedback/<int:pk>/live/", follow.feedback_live, name="feedback_live"),
    path("feedback/<int:pk>/<slug:verb>/", follow.feedback_act, name="feedback_act"),
    path("media/feedback/<uuid:pk>/<str:size>/", follow.picture, name="feedback_picture"),
]
