"""Forms of menus and of carers' pictures; actions check the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from services.care.models.pictures import MAX_DISHES
from services.common.forms import PicturesField

ONE = _("Picture")


class MenuForm(forms.Form):
    """The dishes of a day; without words the day has no menu."""

    dishes = forms.CharField(
        label=_("Dishes"),
        help_text=_("Such as: braised pork, greens, tomato soup. Empty: no menu."),
        max_length=MAX_DISHES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": _("Please keep it under 120 characters.")},
    )
    drops_picture = forms.BooleanField(label=_("Take the picture away"), required=False)
    pictures = PicturesField(label=ONE, most=1, required=False)

    def __init__(self, *args: Any, has_picture: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_picture:
            del self.fields["drops_picture"]


class CarerPictureForm(forms.Form):
    pictures = PicturesField(label=ONE, most=1)
