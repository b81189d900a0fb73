from import_export.resources import Field

from community.core import audit_words
from community.core.exports import OfficeExport, OfficeResource
from community.core.models import AuditRecord
from community.core.office import OfficeAdmin, ReadOnly


class AuditResource(OfficeResource):
    """Codes in words, so that whoever audits need not know the program."""

    actor = Field(attribute="actor__name", column_name="操作人")

    class Meta:
        model = AuditRecord
        fields = ("at", "action", "actor", "target", "outcome", "address", "detail")

    def dehydrate_action(self, row: AuditRecord) -> str:
        return audit_words.act(row.action)

    def dehydrate_target(self, row: AuditRecord) -> str:
        return audit_words.target(row.target)

    def dehydrate_outcome(self, row: AuditRecord) -> str:
        return audit_words.outcome(row.outcome)

    def dehydrate_detail(self, row: AuditRecord) -> str:
        return audit_words.detail(row.detail, row.target or row.action)


class AuditRecordAdmin(ReadOnly, OfficeExport, OfficeAdmin):
    """Read only, for whoever audits; the database refuses changes too.

    Registered by ``accounts``, which knows whose acts concern an estate.
    """

    resource_classes = [AuditResource]
    estate_path = "estate_id_number"
    list_display = ("at", "action", "actor", "target", "outcome", "address")
    list_filter = ("outcome", "action", "at")
    list_select_related = ("actor",)
    search_fields = ("action", "target", "actor__name", "actor__username")
    phone_paths = ("actor__phone_index",)
    date_hierarchy = "at"
