"""Form field for choosing an icon from drawings."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.templatetags.linli import icon_names

# Icons of the sprite that fit works and defects; the others are used by pages.
DRAWINGS = {
    "tool": pgettext_lazy("icon", "spanner"),
    "hammer": pgettext_lazy("icon", "hammer"),
    "droplet": pgettext_lazy("icon", "water drop"),
    "pipe": pgettext_lazy("icon", "pipe"),
    "bucket": pgettext_lazy("icon", "bucket"),
    "bath": pgettext_lazy("icon", "bath"),
    "washer": pgettext_lazy("icon", "washing machine"),
    "flame": pgettext_lazy("icon", "flame"),
    "bolt": pgettext_lazy("icon", "electricity"),
    "plug": pgettext_lazy("icon", "plug"),
    "bulb": pgettext_lazy("icon", "bulb"),
    "network": pgettext_lazy("icon", "network"),
    "device": pgettext_lazy("icon", "device"),
    "cooling": pgettext_lazy("icon", "air conditioning"),
    "wind": pgettext_lazy("icon", "wind"),
    "door": pgettext_lazy("icon", "door"),
    "lock": pgettext_lazy("icon", "lock"),
    "key": pgettext_lazy("icon", "key"),
    "window": pgettext_lazy("icon", "window"),
    "wall": pgettext_lazy("icon", "wall"),
    "roof": pgettext_lazy("icon", "roof"),
    "paint": pgettext_lazy("icon", "paint"),
    "stairs": pgettext_lazy("icon", "stairs"),
    "lift": pgettext_lazy("icon", "lift"),
    "building": pgettext_lazy("icon", "building"),
    "home": pgettext_lazy("icon", "house"),
    "fence": pgettext_lazy("icon", "fence"),
    "tree": pgettext_lazy("icon", "tree"),
    "walk": pgettext_lazy("icon", "walking"),
    "trash": pgettext_lazy("icon", "rubbish"),
    "parking": pgettext_lazy("icon", "parking"),
    "car": pgettext_lazy("icon", "car"),
    "shield": pgettext_lazy("icon", "shield"),
    "alert": pgettext_lazy("icon", "warning"),
    "bell": pgettext_lazy("icon", "bell"),
    "phone": pgettext_lazy("icon", "telephone"),
    "camera": pgettext_lazy("icon", "camera"),
    "users": pgettext_lazy("icon", "people"),
    "heart": pgettext_lazy("icon", "heart"),
    "clipboard": pgettext_lazy("icon", "clipboard"),
    "dots": pgettext_lazy("icon", "other"),
}


class IconSelect(forms.RadioSelect):
    template_name = "components/icon_select.html"
    # In tables the drawings are folded below the chosen one.
    is_folded = False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Renders with the project's template, which the form renderer does not find."""
        if value and value not in dict(self.choices):
            self.choices = [(value, pgettext_lazy("icon", "as before")), *self.choices]
        context = self.get_context(name, value, attrs) | {"is_folded": self.is_folded, "chosen": value}
        return render_to_string(self.template_name, context)


class IconField(forms.ChoiceField):
    """Drawings as radio buttons; another icon of the sprite stays until one is chosen."""

    widget = IconSelect

    def __init__(self, *, is_folded: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": _("Please choose a drawing.")})
        super().__init__(choices=list(DRAWINGS.items()), **kwargs)
        self.widget.is_folded = is_folded

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or value in icon_names()
