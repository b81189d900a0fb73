"""The estate. Celery's application is loaded with it: work is queued on the current one."""

from community.celery import app as celery_app

__all__ = ["celery_app"]
