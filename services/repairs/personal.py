"""Models with personal data, with their paths to the people."""

from community.core.services import Personal

PERSONAL = (
    Personal("repairs.repair", about=("resident",), by=("reported_by", "worker")),
    Personal("repairs.repairchange", about=("repair__resident",), by=("actor", "on_behalf_of")),
    Personal("repairs.repairdraft", about=("resident",), by=("begun_by",)),
    Personal("repairs.repairmessage", about=("repair__resident",), by=("author", "on_behalf_of")),
    Personal("repairs.repairpicture", about=("repair__resident", "draft__resident"), by=("added_by",)),
    Personal("repairs.repairrecording", about=("repair__resident", "draft__resident"), by=("added_by",)),
    Personal("repairs.phonequeue", about=("worker",)),
)
