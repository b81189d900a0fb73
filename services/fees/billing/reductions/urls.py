"""URLs of reductions."""

from django.urls import path

from services.fees.billing.reductions import views

urlpatterns = [
    path("staff/fees/reductions/", views.reductions, name="fees_reductions"),
    path("staff/fees/homes/<int:pk>/reduction/", views.new, name="fees_reduction_new"),
    path("staff/fees/reductions/<int:pk>/agree/", views.agree, name="fees_reduction_agree"),
    path("staff/fees/reductions/<int:pk>/decline/", views.decline, name="fees_reduction_decline"),
    path("staff/fees/reductions/<int:pk>/end/", views.end, name="fees_reduction_end"),
]
