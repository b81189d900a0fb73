"""The addresses of the notices API, below /api/v1/."""

from django.urls import path

from community.notices.api import views

urlpatterns = [
    path("notices/", views.Notices.as_view(), name="api_notices"),
    path("notices/<int:pk>/", views.OneNotice.as_view(), name="api_notice"),
    path("notices/<int:pk>/read/", views.ReadNotice.as_view(), name="api_notice_read"),
    path("notices/desk/", views.DeskNotices.as_view(), name="api_desk_notices"),
    path("notices/desk/<int:pk>/", views.OneDeskNotice.as_view(), name="api_desk_notice"),
    path("notices/desk/<int:pk>/publish/", views.PublishNotice.as_view(), name="api_notice_publish"),
    path("notices/desk/<int:pk>/withdraw/", views.WithdrawNotice.as_view(), name="api_notice_withdraw"),
    path("notices/desk/<int:pk>/reading/", views.Reading.as_view(), name="api_notice_reading"),
]
