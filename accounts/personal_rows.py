"""Rows about people in accounts, and in the apps below it, which know no services."""

from django.utils.translation import gettext_lazy

from community.core.services import DataUse, Personal

PERSONAL = (
    Personal("accounts.residency", about=("user",), goes=True),
    Personal("accounts.residencychange", about=("residency__user",), by=("actor", "on_behalf_of"), goes=True),
    Personal("accounts.delegation", about=("resident", "delegate"), by=("ended_by",), goes=True),
    Personal(
        "accounts.delegationrequest", about=("resident",), by=("proposed_by", "confirmed_by"), goes=True
    ),
    Personal(
        "accounts.delegationrequestchange",
        about=("request__resident",),
        by=("actor", "on_behalf_of"),
        goes=True,
    ),
    Personal("accounts.familyinvitation", about=("resident", "delegate"), goes=True),
    Personal(
        "accounts.familyinvitationchange",
        about=("invitation__resident",),
        by=("actor", "on_behalf_of"),
        goes=True,
    ),
    Personal("accounts.handedform", about=("resident", "delegate"), goes=True),
    Personal("accounts.apitoken", about=("user",), goes=True),
    # Kept as proof that what was noted was allowed.
    Personal("accounts.consent", about=("person",), by=("given_by", "withdrawn_by")),
    # Kept as proof that it was asked for.
    Personal("accounts.erasure", about=("person",), by=("asked_by", "agreed_by")),
    Personal("accounts.erasurechange", about=("erasure__person",), by=("actor", "on_behalf_of")),
    Personal("accounts.staffrole", about=("user",), goes=True),
    Personal("accounts.factorreset", about=("person",), by=("asked_by", "answered_by"), goes=True),
    Personal("accounts.factorresetchange", about=("reset__person",), by=("actor", "on_behalf_of"), goes=True),
    Personal("accounts.oversight", by=("user",)),
    Personal("accounts.approval", by=("asked_by", "answered_by")),
    Personal("accounts.approvalchange", by=("actor", "on_behalf_of")),
    Personal("account.emailaddress", about=("user",), goes=True),
    Personal("mfa.authenticator", about=("user",), goes=True),
    Personal("notifications.inboxnotice", about=("user",), goes=True),
    Personal("notifications.outboxmessage", about=("recipient",), goes=True),
    Personal("wechat.binding", about=("user",), goes=True),
    Personal("core.exportfile", about=("asked_by",), goes=True),
    Personal("core.exportfilechange", about=("export__asked_by",), by=("actor", "on_behalf_of"), goes=True),
    Personal("estates.importrun", by=("started_by",)),
    Personal("estates.importrunchange", by=("actor", "on_behalf_of")),
)
DATA_USE = DataUse(
    gettext_lazy("Name and home"),
    gettext_lazy("So that we know you, reach you, and open to you what is yours."),
    gettext_lazy("It is deleted with you. The record of who did what keeps a number without a name."),
    "me",
    icon="user",
    position=0,
)
