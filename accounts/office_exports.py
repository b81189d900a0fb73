"""What leaves the back office's lists about staff."""

from import_export.resources import Field

from accounts.models import StaffRole
from community.core.exports import OfficeResource


class StaffRoleResource(OfficeResource):
    user = Field(attribute="user__name", column_name="姓名")
    role = Field(attribute="get_role_display", column_name="岗位")
    estate = Field(attribute="estate__name", column_name="小区")

    class Meta:
        model = StaffRole
        fields = ("user", "role", "estate")
