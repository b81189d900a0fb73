from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "community.demo"
    label = "demo"

    def ready(self) -> None:
        # Registers its check for every command.
        from community.demo import guard  # noqa: F401
