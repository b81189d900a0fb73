"""URLs of the coordinator's week and of the carer's phone pages."""

from django.urls import path

from services.care.views import carers, menus, staff, work

urlpatterns = [
    path("staff/care/", staff.week, name="care_week"),
    path("staff/care/live/", staff.week_live, name="care_week_live"),
    path("staff/care/list/", staff.list_page, name="care_list"),
    path("staff/care/find/", staff.find, name="care_find"),
    path("staff/care/codes/", staff.codes, name="care_codes"),
    path("staff/care/menus/", menus.menus, name="care_menus"),
    path("staff/care/menus/<int:pk>/<str:on>/", menus.write_menu, name="care_write_menu"),
    path("staff/care/carers/", carers.carers, name="care_carers"),
    path("staff/care/carers/<int:pk>/", carers.carer, name="care_carer"),
    path("staff/care/<int:pk>/", staff.booking, name="care_desk_booking"),
    path("staff/care/<int:pk>/live/", staff.booking_live, name="care_desk_booking_live"),
    path("staff/care/<int:pk>/<slug:verb>/", staff.act, name="care_desk_act"),
    path("care-work/", work.visits, name="care_work"),
    path("care-work/live/", work.visits_live, name="care_work_live"),
    path("care-work/picture/", carers.own_picture, name="care_own_picture"),
    path("care-work/home/<int:home_pk>/<str:code>/", work.at_home, name="care_at_home"),
    path("care-work/<int:pk>/", work.visit, name="care_visit"),
    path("care-work/<int:pk>/live/", work.visit_live, name="care_visit_live"),
    path("care-work/<int:pk>/<slug:verb>/", work.act, name="care_visit_act"),
]
