"""Addresses of the repairs API, below /api/v1/."""

from django.urls import path

from services.repairs.api import homes, resident, staff

urlpatterns = [
    path("homes/", homes.Homes.as_view(), name="api_homes"),
    path("catalogue/", resident.Catalogue.as_view(), name="api_catalogue"),
    path("repairs/", resident.Repairs.as_view(), name="api_repairs"),
    path("repairs/<int:pk>/", resident.RepairDetail.as_view(), name="api_repair"),
    path("repairs/<int:pk>/messages/", resident.AddMessage.as_view(), name="api_repair_messages"),
    path("repairs/<int:pk>/cancel/", resident.Cancel.as_view(), name="api_repair_cancel"),
    path("repairs/<int:pk>/answer-quote/", resident.AnswerQuote.as_view(), name="api_repair_answer_quote"),
    path("repairs/<int:pk>/confirm/", resident.Confirm.as_view(), name="api_repair_confirm"),
    path("repairs/<int:pk>/rate/", resident.Rate.as_view(), name="api_repair_rate"),
    path("repairs/<int:pk>/reopen/", resident.Reopen.as_view(), name="api_repair_reopen"),
    path("pictures/<uuid:pk>/<slug:size>/", resident.PictureFile.as_view(), name="api_picture"),
    path("jobs/", staff.Jobs.as_view(), name="api_jobs"),
    path("jobs/<int:pk>/take/", staff.Take.as_view(), name="api_job_take"),
    path("jobs/<int:pk>/start/", staff.Start.as_view(), name="api_job_start"),
    path("jobs/<int:pk>/return/", staff.ReturnJob.as_view(), name="api_job_return"),
    path("jobs/<int:pk>/wait-for-parts/", staff.WaitForParts.as_view(), name="api_job_wait_for_parts"),
    path(
        "jobs/<int:pk>/wait-for-resident/", staff.WaitForResident.as_view(), name="api_job_wait_for_resident"
    ),
    path("jobs/<int:pk>/resume/", staff.Resume.as_view(), name="api_job_resume"),
    path("jobs/<int:pk>/quote/", staff.Quote.as_view(), name="api_job_quote"),
    path("jobs/<int:pk>/pictures/", staff.AddPictures.as_view(), name="api_job_pictures"),
    path("jobs/<int:pk>/done/", staff.Done.as_view(), name="api_job_done"),
    path("board/", staff.Board.as_view(), name="api_board"),
    path("board/workers/", staff.Workers.as_view(), name="api_board_workers"),
    path("board/<int:pk>/accept/", staff.Accept.as_view(), name="api_board_accept"),
    path("board/<int:pk>/assign/", staff.Assign.as_view(), name="api_board_assign"),
    path("board/<int:pk>/decline/", staff.Decline.as_view(), name="api_board_decline"),
]
