from services.help.models.calls import HelpCall, HelpChange, HelpStep
from services.help.models.duty import DutyLeave, DutyShift

__all__ = ["DutyLeave", "DutyShift", "HelpCall", "HelpChange", "HelpStep"]
