"""Lists of the back office, at half the weight at which unfold writes them.

Unfold names 26 classes in each cell, half of a list's page, and works out the heads of the columns again for each
row. One class of ours (``css/admin.css``) looks the same, and the heads are found once a list.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import ChangeList
from unfold.templatetags import unfold_list

CELL, TICK = ["list-cell"], ["action-checkbox", "list-cell", "list-tick"]
_heads_of_unfold = unfold_list.result_headers


def lighten() -> None:
    """Replaces unfold's classes and its function for the heads, for this process."""
    unfold_list.ROW_CLASSES = CELL
    unfold_list.CHECKBOX_CLASSES = TICK
    unfold_list.result_headers = _heads


def _heads(cl: ChangeList) -> Iterator[dict[str, Any]]:
    if "heads_found" not in cl.__dict__:
        cl.__dict__["heads_found"] = list(_heads_of_unfold(cl))
    return iter(cl.__dict__["heads_found"])
