"""Addresses of residents' pages of repairs."""

from django.urls import path

from services.repairs.views import follow, report

urlpatterns = [
    path("place/<str:code>/", report.sign, name="sign"),
    path("repairs/", follow.repair_list, name="repairs"),
    path("repairs/new/", report.begin, name="report_begin"),
    path("repairs/new/<uuid:draft_id>/place/", report.place, name="report_place"),
    path("repairs/new/<uuid:draft_id>/words/", report.words, name="report_words"),
    path(
        "repairs/new/<uuid:draft_id>/<str:kind>/<uuid:file_id>/remove/",
        report.remove_file,
        name="report_remove_file",
    ),
    path("repairs/new/<uuid:draft_id>/when/", report.when, name="report_suits"),
    path("repairs/new/<uuid:draft_id>/check/", report.check, name="report_check"),
    path("repairs/<int:pk>/", follow.repair_page, name="repair"),
    path("repairs/<int:pk>/live/", follow.repair_live, name="repair_live"),
    path("repairs/<int:pk>/emergency/", follow.emergency, name="repair_emergency"),
    path("repairs/<int:pk>/add/", follow.add_words, name="repair_add_words"),
    path("repairs/<int:pk>/cancel/", follow.cancel, name="repair_cancel"),
    path("repairs/<int:pk>/price/", follow.quote, name="repair_quote"),
    path("repairs/<int:pk>/confirm/", follow.confirm, name="repair_confirm"),
    path("repairs/<int:pk>/rate/", follow.rate, name="repair_rate"),
    path("repairs/<int:pk>/reopen/", follow.reopen, name="repair_reopen"),
    path("media/pictures/<uuid:pk>/<str:size>/", follow.picture, name="repair_picture"),
    path("media/recordings/<uuid:pk>/", follow.recording, name="repair_recording"),
]
