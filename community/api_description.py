"""How drf-spectacular describes the API."""

from typing import Any

API_DESCRIPTION: dict[str, Any] = {
    "TITLE": "Linli",
    "DESCRIPTION": "Repairs, fees, care and help in a housing estate: for residents, and for who works for them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RepairStatus": "services.repairs.models.repairs.Status",
        "SuitsEnum": "services.repairs.models.Repair.Suits",
        "WhereEnum": "services.repairs.models.RepairCategory.Where",
        "ChargeEnum": "services.repairs.models.RepairCategory.Charge",
        "PictureShows": "services.repairs.models.RepairPicture.Shows",
        "HelpStatus": "services.help.models.calls.Status",
        "HelpOutcome": "services.help.models.HelpCall.Outcome",
        "ResidencyKind": "accounts.models.Residency.Kind",
        "BillStatus": "services.fees.models.Bill.Status",
        "PaymentStatus": "services.fees.models.Payment.Status",
        "RefundStatus": "services.fees.models.Refund.Status",
        "CareStatus": "services.care.models.CareBooking.Status",
        "FeedbackStatus": "services.feedback.models.feedback.Status",
        "FeedbackKind": "services.feedback.models.feedback.Kind",
        "FeedbackDepartment": "services.feedback.models.feedback.DEPARTMENT_CHOICES",
        "AppointmentStatus": "services.renovation.models.Appointment.Status",
        "ProjectStatus": "services.renovation.models.RenovationProject.Status",
        "StaffRole": "accounts.models.StaffRole.Role",
        "NoticeStatus": "community.notices.models.Notice.Status",
        "NoticeKind": "community.notices.models.Notice.Kind",
        "NoticeScope": "community.notices.models.Notice.Scope",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "community.core.api.add_problems",
    ],
}
