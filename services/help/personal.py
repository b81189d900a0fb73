"""Models with personal data, with their paths to the people."""

from community.core.services import Personal

PERSONAL = (
    Personal("help.helpcall", about=("resident",), by=("reported_by", "responder")),
    Personal("help.helpchange", about=("call__resident",), by=("actor", "on_behalf_of")),
    Personal("help.helpstep", about=("call__resident",), by=("told",)),
    Personal("help.dutyshift", about=("user",)),
    Personal("help.dutyleave", about=("user",), by=("substitute",)),
)
