"""URLs of meters: the reader's round, the residents' readings, and the office's pages."""

from django.urls import path

from services.fees.meters.views import billing, office, resident, sheets
from services.fees.meters.views import round as reader

urlpatterns = [
    path("work/meters/", reader.rounds, name="meter_rounds"),
    path("work/meters/<int:pk>/", reader.round_page, name="meter_round"),
    path("work/meters/<int:pk>/read/", reader.read, name="meter_read"),
    path("fees/meters/", resident.meters, name="my_meters"),
    path("fees/meters/<int:pk>/", resident.meter, name="my_meter"),
    path("media/readings/<uuid:pk>/<str:size>/", resident.picture, name="reading_picture"),
    path("staff/fees/meters/", office.meters, name="fees_meters"),
    path("staff/fees/meters/list.xlsx", sheets.blank, name="fees_meters_sheet"),
    path("staff/fees/meters/new/", office.add, name="fees_meter_new"),
    path("staff/fees/meters/<int:pk>/", office.meter, name="fees_meter"),
    path("staff/fees/meters/<int:pk>/replace/", office.replace, name="fees_meter_replace"),
    path("staff/fees/readings/", office.waiting, name="fees_readings"),
    path("staff/fees/readings/<int:pk>/confirm/", office.confirm, name="fees_reading_confirm"),
    path("staff/fees/readings/<int:pk>/refuse/", office.refuse, name="fees_reading_refuse"),
    path("staff/fees/meters/runs/", billing.runs, name="meter_runs"),
    path("staff/fees/meters/runs/<int:pk>/", billing.run, name="meter_run"),
    path("staff/fees/meters/runs/<int:pk>/start/", billing.start, name="meter_run_start"),
    path("staff/fees/shared/", billing.shared, name="fees_shared"),
    path("staff/fees/shared/<int:pk>/", billing.shared_cost, name="fees_shared_cost"),
    path("staff/fees/shared/<int:pk>/drop/", billing.drop_shared_cost, name="fees_shared_drop"),
    path("staff/fees/items/<int:pk>/tiers/", billing.tiers, name="fees_tiers"),
]
