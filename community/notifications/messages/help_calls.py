"""Messages about calls for help."""

from community.notifications.messages.template import Template

TEMPLATES: dict[str, Template] = {}
