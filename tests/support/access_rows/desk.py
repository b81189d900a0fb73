"""Pages of the desk."""

from typing import Any

from tests.support.access import ADMINISTRATORS, STAFF, Row, World, of

DESK = {"front_desk", "manager"}
ALL_DESKS = DESK | {"foreign_front_desk", "foreign_manager"}
# Other roles get 403, the desk of another estate 404.
WALL: dict[str, Any] = {"refused": 403, "but": {"foreign_front_desk": 404, "foreign_manager": 404}}
# Other roles get 403, the manager of another estate 404.
# Of the staff of one estate.
MANAGERS: dict[str, Any] = {"refused": 403, "but": {"foreign_manager": 404}}


def _cashier(world: World) -> dict[str, Any]:
    return {"pk": world.people["cashier"].pk}


def _role(world: World) -> int:
    return world.people["cashier"].staff_roles.get().pk


DESKS = {
    "signs": Row(ALL_DESKS | {"dispatcher", "foreign_dispatcher"}, refused=403),
    "export_file": Row({"manager"}, of("export")),
    "export_download": Row({"manager"}, of("export"), swept=False),
    "desk": Row(STAFF | ADMINISTRATORS, refused=403),
    "desk_residents": Row(ALL_DESKS, refused=403),
    "desk_register": Row(ALL_DESKS, refused=403),
    "desk_resident": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_rename": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_erasure": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_change_number": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_set_mode": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, method="post", **WALL),
    "desk_family": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_end_family": Row(
        DESK,
        lambda world: {"pk": world.people["owner"].pk, "delegate": world.people["delegate"].pk},
        method="post",
        **WALL,
    ),
    "desk_end_wechat": Row(
        DESK,
        lambda world: {"pk": world.people["owner"].pk, "binding": world.more["binding"].pk},
        **WALL,
    ),
    "desk_family_code": Row(DESK, of("delegation_request"), method="post", **WALL),
    "desk_family_confirm": Row(DESK, of("delegation_request"), method="post", **WALL),
    "desk_family_drop": Row(DESK, of("delegation_request"), method="post", **WALL),
    "desk_family_paper": Row(DESK, of("delegation_request"), swept=False, **WALL),
    "desk_roster": Row(ALL_DESKS, refused=403),
    "desk_roster_new": Row(ALL_DESKS, refused=403),
    "desk_roster_line": Row(DESK, of("roster_line"), **WALL),
    "desk_roster_edit": Row(DESK, of("roster_line"), **WALL),
    "desk_roster_number": Row(DESK, of("roster_line"), **WALL),
    "desk_roster_end": Row(DESK, of("roster_line"), **WALL),
    "desk_approvals": Row(STAFF | ADMINISTRATORS, refused=403),
    "desk_approval": Row(
        {"manager", "security"},
        of("approval"),
        refused=403,
        but=dict.fromkeys((STAFF | ADMINISTRATORS) - {"manager", "security"}, 404),
    ),
    "desk_city": Row({"city"}, refused=403),
    "desk_administrators": Row({"superuser", "security"}, refused=403),
    "desk_administrator_end": Row(
        {"superuser", "security"},
        lambda world: {"pk": world.people["auditing"].pk},
        refused=403,
        method="post",
    ),
    "desk_staff": Row({"manager", "foreign_manager", "security"}, refused=403),
    "desk_staff_new": Row({"manager", "foreign_manager", "security"}, refused=403),
    "desk_staff_one": Row({"manager", "security"}, _cashier, **MANAGERS),
    "desk_staff_give_role": Row({"manager", "security"}, _cashier, method="post", **MANAGERS),
    "desk_staff_end_role": Row(
        {"manager", "security"},
        lambda world: {**_cashier(world), "role_pk": _role(world)},
        method="post",
        **MANAGERS,
    ),
    "desk_staff_renew": Row({"manager", "security"}, _cashier, method="post", **MANAGERS),
    "desk_staff_factor": Row(
        {"manager", "security"},
        _cashier,
        refused=403,
        but=dict.fromkeys((STAFF | ADMINISTRATORS) - {"manager", "security"}, 404),
    ),
    "desk_staff_end": Row({"manager", "security"}, _cashier, **MANAGERS),
    "desk_residencies": Row(STAFF | ADMINISTRATORS, refused=403),
    "desk_residency": Row(
        DESK | {"auditor"}, of("asked"), refused=403, but=dict.fromkeys(STAFF | ADMINISTRATORS, 404)
    ),
    "desk_approve": Row(DESK, of("asked"), method="post", **WALL),
    "desk_decline": Row(DESK, of("asked"), method="post", data=lambda world: {"reason": "不住这里"}, **WALL),
    "desk_end_home": Row(DESK, of("residency"), **WALL),
}
