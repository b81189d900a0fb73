from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RenovationConfig(AppConfig):
    name = "services.renovation"
    verbose_name = _("Renovation")

    def ready(self) -> None:
        from community.core import events
        from community.core.services import register
        from community.notices import audiences
        from community.notifications.topics import everything, of_row, watch_all
        from services.renovation import audiences as own_audiences
        from services.renovation import handlers
        from services.renovation.models import (
            Appointment,
            AppointmentWaiting,
            Crew,
            ProjectQuestion,
            RenovationProject,
            WorkItem,
        )
        from services.renovation.service import SERVICE

        register(SERVICE)
        events.place_offered.connect(handlers.place_offered, service=SERVICE.key)
        events.place_lapsed.connect(handlers.place_lapsed, service=SERVICE.key)
        events.residency_ended.connect(handlers.residency_ended)
        audiences.register_source("renovation", groups=own_audiences.groups, homes=own_audiences.homes)
        watch_all(of_row("renovation"), Appointment)
        watch_all(of_row("renovation", estate="project.estate_id"), ProjectQuestion)
        watch_all(of_row(), AppointmentWaiting)
        watch_all(everything, RenovationProject, WorkItem, Crew)
