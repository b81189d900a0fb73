"""URLs of the lists of fees."""

from django.urls import path

from services.fees.billing.reach import views

urlpatterns = [path("staff/fees/items/<int:pk>/list/", views.listing, name="fees_item_list")]
