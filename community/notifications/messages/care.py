"""Messages about care bookings."""

from community.notifications.messages.template import Template

TEMPLATES: dict[str, Template] = {}
