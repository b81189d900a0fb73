from django.urls import path

from accounts.views import family, join, me, settings, sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-in/code/again/", sign_in.sign_in_again, name="sign_in_again"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("staff/sign-in/", sign_in.staff_sign_in, name="staff_sign_in"),
    path("mode/", settings.mode, name="mode"),
    path("language/", settings.set_language, name="set_language"),
    path("join/", join.join, name="join"),
    path("join/estate/<int:pk>/", join.join_estate, name="join_estate"),
    path("join/building/<int:pk>/", join.join_building, name="join_building"),
    path("join/entrance/<int:pk>/", join.join_entrance, name="join_entrance"),
    path("join/home/<int:pk>/", join.join_home, name="join_home"),
    path("join/home/<int:pk>/<slug:kind>/", join.join_check, name="join_check"),
    path("join/done/<int:pk>/", join.join_done, name="join_done"),
    path("me/", me.me, name="me"),
    path("me/name/", me.name, name="name"),
    path("me/homes/<int:pk>/leave/", me.leave_home, name="leave_home"),
    path("me/family/", family.family, name="family"),
    path("me/family/add/", family.add_family, name="add_family"),
    path("me/family/add/confirm/", family.confirm_family, name="confirm_family"),
    path("me/family/add/<slug:step>/", family.add_family, name="add_family_step"),
    path("me/family/<int:pk>/end/", family.end_family, name="end_family"),
    path("me/family/<int:pk>/mode/", family.mode_for, name="mode_for"),
    path("me/tokens/", me.tokens, name="tokens"),
    path("me/tokens/new/", me.new_token, name="new_token"),
    path("me/tokens/<int:pk>/revoke/", me.revoke_token, name="revoke_token"),
    path("handover/", family.handover, name="handover"),
]
