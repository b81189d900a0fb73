from django.urls import path

from community.notifications import views, wechat_views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/list/", views.inbox_list, name="inbox_list"),
    path("inbox/count/", views.inbox_count, name="inbox_count"),
    path("inbox/read/", views.read_all, name="inbox_read_all"),
    path("inbox/<int:pk>/", views.open_notice, name="open_notice"),
    path("wechat/<str:app_id>/push/", wechat_views.push, name="wechat_push"),
    path("live/numbers/", views.numbers, name="live_numbers"),
]
