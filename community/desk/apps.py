from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "community.desk"
    label = "desk"
