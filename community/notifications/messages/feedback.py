"""Messages about feedback."""

from community.notifications.messages.template import Template

TEMPLATES: dict[str, Template] = {}
