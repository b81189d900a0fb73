from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "community.demo"
    label = "demo"

    def ready(self) -> None:
        # Its check must be known to every command.
        from community.demo import guard  # noqa: F401
