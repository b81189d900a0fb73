"""The estate's project. Loads Celery's application, so that tasks are queued on it."""

from community.celery import app as celery_app

__all__ = ["celery_app"]
