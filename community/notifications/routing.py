from django.urls import path

from community.notifications.consumers import LiveConsumer

socket_urls = [path("live/", LiveConsumer.as_asgi())]
