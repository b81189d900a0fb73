"""Addresses of the home page, signing in, and a person's own pages."""

from accounts.actions import token_of
from tests.support.access import EVERYONE, NOBODY, SIGNED_IN, STAFF, Row, of

HOME = {
    "home": Row(EVERYONE),
    "home_live": Row(SIGNED_IN, swept=False),
    "waiting": Row(SIGNED_IN),
    "mine": Row(SIGNED_IN),
    "more": Row(EVERYONE),
    "offline": Row(EVERYONE, swept=False),
    "offline_page": Row(SIGNED_IN, lambda world: {"mode": "large"}, swept=False),
    "offline_worker": Row(EVERYONE, swept=False),
    "design": Row(EVERYONE, swept=False),
}
# Pages for people who are signed out; others are redirected.
SIGN_IN = {
    "sign_in": Row(EVERYONE),
    # Redirects to the beginning if no code was sent.
    "sign_in_code": Row(SIGNED_IN),
    "sign_in_again": Row(NOBODY, method="post", refused=302),
    "sign_out": Row(NOBODY, method="post", refused=302),
    "staff_sign_in": Row(EVERYONE),
    # Lead to the password unless it was given just now.
    "staff_factor": Row(NOBODY, refused=302, swept=False),
    "staff_factor_setup": Row(NOBODY, refused=302, swept=False),
    "staff_factor_again": Row(STAFF | {"superuser"}, refused=403),
    "staff_presence": Row(SIGNED_IN, method="post", refused=302),
    "staff_factors": Row(STAFF | {"superuser"}, refused=403),
    "staff_factor_codes": Row(STAFF | {"superuser"}, refused=403),
    "staff_password": Row(STAFF | {"superuser"}, refused=403),
    # An unknown link; the page says so to all.
    "staff_first_password": Row(NOBODY, lambda world: {"key": "MQ", "token": "x"}, swept=False),
    "privacy": Row(EVERYONE),
    "mode": Row(EVERYONE, query=lambda world: "?mode=large"),
    "take_along": Row(SIGNED_IN, method="post", query=lambda world: "?page=/me/"),
    "set_language": Row(EVERYONE, method="post", data=lambda world: {"language": "en"}),
}
PEOPLE = {
    "join": Row(SIGNED_IN),
    "join_estate": Row(SIGNED_IN, of("estate")),
    "join_building": Row(SIGNED_IN, lambda world: {"pk": world.home.entrance.building_id}),
    "join_entrance": Row(SIGNED_IN, lambda world: {"pk": world.home.entrance_id}),
    "join_home": Row(SIGNED_IN, of("home")),
    "join_check": Row(SIGNED_IN, lambda world: {"pk": world.home.pk, "kind": "owner"}),
    "join_done": Row({"newcomer"}, of("asked")),
    "me": Row(SIGNED_IN),
    "name": Row(SIGNED_IN),
    "confirm_request": Row({"owner"}, of("asked"), method="post"),
    "leave_home": Row({"owner"}, of("residency")),
    "family": Row(SIGNED_IN),
    "add_family": Row(SIGNED_IN),
    "add_family_step": Row(SIGNED_IN, lambda world: {"step": "relation"}),
    "confirm_family": Row(SIGNED_IN),
    "family_invitation": Row({"owner"}, of("invitation")),
    "confirm_invitation": Row({"owner"}, of("invitation_taken"), method="post"),
    "drop_invitation": Row({"owner"}, of("invitation"), method="post"),
    "family_invited": Row(EVERYONE, lambda world: {"token": token_of(world.more["invitation"])}),
    "accept_family": Row({"delegate"}, of("delegation"), method="post", but={"owner": 403}),
    "decline_family": Row({"owner", "delegate"}, of("delegation"), method="post"),
    "end_family": Row({"owner", "delegate"}, of("delegation")),
    "mode_for": Row(NOBODY, of("delegation"), method="post", but={"owner": 403, "delegate": 403}),
    "agree_to_request": Row({"owner"}, of("delegation_request"), method="post"),
    "refuse_request": Row({"owner"}, of("delegation_request"), method="post"),
    "tokens": Row(SIGNED_IN),
    "new_token": Row(SIGNED_IN),
    "revoke_token": Row(NOBODY, lambda world: {"pk": 0}),
    "handover": Row(SIGNED_IN, query=lambda world: "?path=/repairs/new/"),
    "inbox": Row(SIGNED_IN),
    "inbox_list": Row(SIGNED_IN, swept=False),
    "inbox_count": Row(SIGNED_IN, swept=False),
    "inbox_read_all": Row(SIGNED_IN, method="post"),
    "open_notice": Row({"owner"}, of("notice")),
    "live_numbers": Row(SIGNED_IN, swept=False),
    "csp_report": Row(EVERYONE, method="post", swept=False),
    "speech": Row(NOBODY, lambda world: {"digest": "0" * 64}, swept=False),
}
