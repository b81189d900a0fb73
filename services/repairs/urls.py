"""Addresses of residents' pages of repairs."""

from django.urls import path

from services.repairs.views import questions, resident

urlpatterns = [
    path("place/<str:code>/", questions.sign, name="sign"),
    path("repairs/", resident.repair_list, name="repairs"),
    path("repairs/new/", questions.begin, name="report_begin"),
    path("repairs/new/<uuid:draft_id>/place/", questions.place, name="report_place"),
    path("repairs/new/<uuid:draft_id>/words/", questions.words, name="report_words"),
    path(
        "repairs/new/<uuid:draft_id>/<str:kind>/<uuid:file_id>/remove/",
        questions.remove_file,
        name="report_remove_file",
    ),
    path("repairs/new/<uuid:draft_id>/when/", questions.when, name="report_suits"),
    path("repairs/new/<uuid:draft_id>/check/", questions.check, name="report_check"),
    path("repairs/<int:pk>/", resident.repair_page, name="repair"),
    path("repairs/<int:pk>/live/", resident.repair_live, name="repair_live"),
    path("repairs/<int:pk>/emergency/", resident.emergency, name="repair_emergency"),
    path("repairs/<int:pk>/add/", resident.add_words, name="repair_add_words"),
    path("repairs/<int:pk>/cancel/", resident.cancel, name="repair_cancel"),
    path("repairs/<int:pk>/price/", resident.quote, name="repair_quote"),
    path("repairs/<int:pk>/confirm/", resident.confirm, name="repair_confirm"),
    path("repairs/<int:pk>/rate/", resident.rate, name="repair_rate"),
    path("repairs/<int:pk>/reopen/", resident.reopen, name="repair_reopen"),
    path("media/pictures/<uuid:pk>/<str:size>/", resident.picture, name="repair_picture"),
    path("media/recordings/<uuid:pk>/", resident.recording, name="repair_recording"),
]
