"""Messages about bills and payments."""

from community.notifications.messages.template import Template

TEMPLATES: dict[str, Template] = {}
