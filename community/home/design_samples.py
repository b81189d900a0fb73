"""Sample words and data for the design page; short, because the large mode shows the same."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import pgettext_lazy

WORDS = {
    "design": pgettext_lazy("design", "Design"),
    "lead": pgettext_lazy("design", "Every token and component, in both modes, light and dark"),
    "icons": pgettext_lazy("design", "Icons"),
    "large_light": pgettext_lazy("design", "Large, light"),
    "large_dark": pgettext_lazy("design", "Large, dark"),
    "standard_light": pgettext_lazy("design", "Standard, light"),
    "standard_dark": pgettext_lazy("design", "Standard, dark"),
    "in_a_sentence": pgettext_lazy("design", "In a sentence"),
    "or_a_picture": pgettext_lazy("design", "Or a picture"),
    "phone": pgettext_lazy("design", "Phone"),
    "code": pgettext_lazy("design", "Code"),
    "where": pgettext_lazy("design", "Where"),
    "at_home": pgettext_lazy("design", "At home"),
    "outside": pgettext_lazy("design", "Outside"),
    "i_agree": pgettext_lazy("design", "I agree"),
    "a_tap_that_drips": pgettext_lazy("design", "A tap that drips"),
    "reported": pgettext_lazy("design", "Reported"),
    "assigned": pgettext_lazy("design", "Assigned"),
    "on_the_way": pgettext_lazy("design", "On the way"),
    "mended": pgettext_lazy("design", "Mended"),
    "mr_wang": pgettext_lazy("design", "Mr Wang"),
    "price_agreed": pgettext_lazy("design", "Price agreed"),
    "the_tap_drips": pgettext_lazy("design", "The tap drips"),
    "water": pgettext_lazy("design", "Water"),
    "power": pgettext_lazy("design", "Power"),
    "door": pgettext_lazy("design", "Door"),
    "lift": pgettext_lazy("design", "Lift"),
    "any_time": pgettext_lazy("design", "Any time"),
    "tomorrow": pgettext_lazy("design", "Tomorrow"),
    "what": pgettext_lazy("design", "What"),
    "price": pgettext_lazy("design", "Price"),
    "waiting": pgettext_lazy("design", "Waiting"),
    "urgent": pgettext_lazy("design", "Urgent"),
    "building_works": pgettext_lazy("design", "Building works"),
    "cancelled": pgettext_lazy("design", "Cancelled"),
    "repair": pgettext_lazy("design", "Repair"),
    "pay": pgettext_lazy("design", "Pay"),
    "care": pgettext_lazy("design", "Care"),
    "feedback": pgettext_lazy("design", "Feedback"),
    "notices": pgettext_lazy("design", "Notices"),
    "family": pgettext_lazy("design", "Family"),
    "help": pgettext_lazy("design", "Help"),
    "nothing_owed": pgettext_lazy("design", "Nothing owed"),
    "broken": pgettext_lazy("design", "Broken?"),
    "call_someone": pgettext_lazy("design", "Call someone"),
    "to_pay": pgettext_lazy("design", "To pay"),
    "property_fee": pgettext_lazy("design", "Property fee"),
    "wang_jianguo": pgettext_lazy("design", "Wang Jianguo"),
    "mr": pgettext_lazy("design", "Mr"),
    "about_10_20": pgettext_lazy("design", "About 10:20"),
    "what_happened": pgettext_lazy("design", "What happened"),
    "what_is_broken": pgettext_lazy("design", "What is broken"),
    "when": pgettext_lazy("design", "When"),
    "you_need_not": pgettext_lazy("design", "You need not"),
    "send": pgettext_lazy("design", "Send"),
    "add_words": pgettext_lazy("design", "Add words"),
    "change_time": pgettext_lazy("design", "Change time"),
    "cancel_it": pgettext_lazy("design", "Cancel it"),
    "call_120": pgettext_lazy("design", "Call 120"),
    "later": pgettext_lazy("design", "Later"),
    "we_will_call_you": pgettext_lazy("design", "We will call you"),
    "not_sent": pgettext_lazy("design", "Not sent"),
    "there_is_a_price": pgettext_lazy("design", "There is a price"),
    "free_of_charge": pgettext_lazy("design", "Free of charge"),
    "new": pgettext_lazy("design", "New"),
    "service_desk": pgettext_lazy("design", "Service desk"),
    "nothing_here": pgettext_lazy("design", "Nothing here"),
    "all_is_well": pgettext_lazy("design", "All is well"),
    "report": pgettext_lazy("design", "Report"),
    "colours": pgettext_lazy("design", "Colours"),
    "contrast_figures": pgettext_lazy("design", "Contrast figures"),
}


def samples() -> dict[str, Any]:
    """Arguments for the components of the design page."""
    picture = {
        "thumb": static("img/sample.svg"),
        "full": static("img/sample.svg"),
        "alt": WORDS["a_tap_that_drips"],
    }
    return (
        _choices()
        | _words()
        | {
            "steps": [
                {"label": WORDS["reported"], "state": "done"},
                {"label": WORDS["assigned"], "state": "done"},
                {"label": WORDS["on_the_way"], "state": "now"},
                {"label": WORDS["mended"], "state": "todo"},
            ],
            "entries": [
                {"title": WORDS["on_the_way"], "when": "10:05", "by": WORDS["mr_wang"]},
                {"title": WORDS["price_agreed"], "text": "¥68.00", "when": "9:45"},
                {
                    "title": WORDS["reported"],
                    "text": WORDS["the_tap_drips"],
                    "when": "9:31",
                    "pictures": [picture, picture],
                },
            ],
        }
    )


def _choices() -> dict[str, Any]:
    """For one question a page: short answers in two columns, longer ones across."""
    return {
        "options": [
            {"value": "water", "label": WORDS["water"], "icon": "droplet", "tone": "repair", "checked": True},
            {"value": "power", "label": WORDS["power"], "icon": "bolt", "tone": "care"},
            {"value": "door", "label": WORDS["door"], "icon": "lock", "tone": "build"},
            {"value": "lift", "label": WORDS["lift"], "icon": "lift", "tone": "brand"},
        ],
        "long_options": [
            {"value": "any", "label": WORDS["any_time"], "icon": "clock", "tone": "brand", "checked": True},
            {
                "value": "morning",
                "label": WORDS["tomorrow"],
                "hint": "9:00–12:00",
                "icon": "calendar",
                "tone": "brand",
            },
        ],
    }


def _words() -> dict[str, Any]:
    """Facts of a request, tags in every tone, the doors to the services."""
    return {
        "facts": [
            (WORDS["what"], WORDS["the_tap_drips"]),
            (WORDS["where"], WORDS["at_home"]),
            (WORDS["price"], "¥68.00"),
        ],
        "tones": [
            ("brand", WORDS["mended"], "check"),
            ("repair", WORDS["on_the_way"], "tool"),
            ("care", WORDS["waiting"], "clock"),
            ("help", WORDS["urgent"], "alert"),
            ("build", WORDS["building_works"], "building"),
            ("plain", WORDS["cancelled"], "x"),
        ],
        "services": [
            ("repair", WORDS["repair"], "tool"),
            ("brand", WORDS["pay"], "receipt"),
            ("care", WORDS["care"], "heart"),
            ("build", WORDS["building_works"], "building"),
            ("brand", WORDS["feedback"], "message"),
            ("repair", WORDS["notices"], "speakerphone"),
            ("care", WORDS["family"], "family"),
            ("help", WORDS["help"], "phone"),
        ],
    }
