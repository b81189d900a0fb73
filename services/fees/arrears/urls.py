"""URLs of arrears: disputes of residents, and the lists, reminders and letters of staff."""

from django.urls import path

from services.fees.arrears.views import disputes, dunning, homes

urlpatterns = [
    path("fees/<int:pk>/dispute/", disputes.dispute, name="bill_dispute"),
    path("fees/<int:pk>/dispute/withdraw/", disputes.withdraw, name="bill_dispute_withdraw"),
    path("media/fees/spoken/<uuid:pk>/", disputes.recording, name="dispute_recording"),
    path("fees/homes/<int:pk>/", homes.pay_home, name="fees_pay_home"),
    path("staff/fees/bills/<int:pk>/dispute/", disputes.dispute_at_desk, name="fees_dispute"),
    path("staff/fees/disputes/", disputes.disputed, name="fees_disputes"),
    path("staff/fees/disputes/<int:pk>/", disputes.answer, name="fees_dispute_answer"),
    path("staff/fees/arrears/", homes.arrears, name="fees_arrears"),
    path("staff/fees/arrears.xlsx", homes.arrears_sheet, name="fees_arrears_sheet"),
    path("staff/fees/arrears/<int:pk>/", homes.home, name="fees_arrears_home"),
    path("staff/fees/arrears/<int:pk>/hardship/", homes.hardship, name="fees_hardship"),
    path("staff/fees/arrears/<int:pk>/hardship/end/", homes.end_hardship, name="fees_hardship_end"),
    path("staff/fees/arrears/<int:pk>/letter.pdf", dunning.letter, name="fees_letter"),
    path("staff/fees/letters.pdf", dunning.letters_of_estate, name="fees_letters"),
    path("staff/fees/dunning/", dunning.dunning, name="dunning"),
    path("staff/fees/dunning/preview/", dunning.preview, name="dunning_preview"),
    path("staff/fees/dunning/<int:pk>/", dunning.dunning_round, name="dunning_round"),
    path("staff/fees/dunning/<int:pk>/live/", dunning.round_live, name="dunning_round_live"),
    path("staff/fees/dunning/<int:pk>/stop/", dunning.stop, name="dunning_round_stop"),
]
