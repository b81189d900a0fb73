from django.urls import path

from community.core import views

urlpatterns = [path("speech/<slug:digest>.mp3", views.spoken_text, name="speech")]
