"""URLs of feedback for residents; none of them contains a code."""

from django.urls import path

from services.feedback.views import questions, resident

urlpatterns = [
    path("feedback/", resident.feedback_list, name="feedback_list"),
    path("feedback/new/", questions.new, name="feedback_new"),
    path("feedback/new/pictures/", questions.early_picture, name="feedback_early_picture"),
    path(
        "feedback/new/pictures/<str:token>/",
        questions.early_picture_shown,
        name="feedback_early_picture_shown",
    ),
    path("feedback/new/recordings/", questions.early_recording, name="feedback_early_recording"),
    path(
        "feedback/new/recordings/<str:token>/",
        questions.early_recording_shown,
        name="feedback_early_recording_shown",
    ),
    path("feedback/send/", questions.send, name="feedback_send"),
    path("feedback/without-name/", questions.send_without_name, name="feedback_send_without_name"),
    path("feedback/code/", resident.enter_code, name="feedback_code"),
    path("feedback/code/thread/", resident.by_code, name="feedback_by_code"),
    path("feedback/code/leave/", resident.leave_code, name="feedback_leave_code"),
    path("feedback/code/thread/<slug:verb>/", resident.by_code_act, name="feedback_by_code_act"),
    path(
        "feedback/code/pictures/<uuid:pk>/<str:size>/",
        resident.by_code_picture,
        name="feedback_by_code_picture",
    ),
    path("feedback/<int:pk>/", resident.feedback, name="feedback"),
    path("feedback/<int:pk>/live/", resident.feedback_live, name="feedback_live"),
    path("feedback/<int:pk>/<slug:verb>/", resident.feedback_act, name="feedback_act"),
    path("media/follow-ups/<int:pk>/", resident.rating_recording, name="feedback_rating_recording"),
    path("media/feedback-recordings/<uuid:pk>/", resident.recording, name="feedback_recording"),
    path("media/feedback/<uuid:pk>/<str:size>/", resident.picture, name="feedback_picture"),
]
