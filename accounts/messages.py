"""Messages about homes and family."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

MESSAGES: dict[str, Template] = {
    "residency_approved": Template(
        _("Your home is confirmed"),
        _("You are now a resident of %(home)s."),
        needs=("home",),
        sms=("home",),
        icon="home",
    ),
    "residency_declined": Template(
        _("Home not confirmed"),
        _("We could not confirm that you live in %(home)s. Please see the page for the reason."),
        needs=("home",),
        sms=("home",),
        icon="home",
    ),
    "residency_ended": Template(
        _("Home ended"),
        _("%(home)s is no longer one of your homes. If this is wrong, please call us."),
        needs=("home",),
        sms=("home",),
        icon="home",
    ),
    "residency_to_check": Template(
        _("We check this home first"),
        _("%(home)s: the service desk or an owner confirms that you belong there, by %(until)s."),
        needs=("home", "until"),
        icon="clock",
    ),
    "residency_asked": Template(
        _("Somebody asks for your home"),
        _("Somebody asks to be entered at %(home)s. Confirm it only if you know them."),
        needs=("home",),
        icon="home",
    ),
    "owner_noted": Template(
        _("You are the owner"),
        _("You are entered as the owner of %(home)s. Sign in with this number."),
        needs=("home",),
        sms=("home",),
        icon="home",
    ),
    "approval_asked": Template(
        _("Waits for your agreement"),
        _("%(name)s asks for: %(act)s. Please look at it, then agree or decline."),
        needs=("name", "act"),
        icon="shield",
    ),
    "approval_done": Template(
        _("Agreed to"),
        _("A colleague has agreed: %(act)s. It is done."),
        needs=("name", "act"),
        icon="check",
    ),
    "approval_declined": Template(
        _("Not agreed to"),
        _("A colleague has not agreed: %(act)s. Nothing has changed."),
        needs=("name", "act"),
        icon="x",
    ),
    "erasure_asked": Template(
        _("You will be deleted"),
        _("You asked to be deleted. It is done on %(until)s. Until then you can take it back under “Me”."),
        needs=("until",),
        sms=("until",),
        icon="shield",
    ),
    "factor_reset_asked": Template(
        _("A second step to be reset"),
        _("%(name)s cannot sign in any more. Please ask them, then agree or decline."),
        needs=("name",),
        icon="shield",
    ),
    "factor_reset": Template(
        _("Your second step was reset"),
        _("%(name)s: two administrators removed your second step. If you did not ask for it, call them."),
        needs=("name",),
        icon="shield",
    ),
    "new_place": Template(
        _("Signed in at a new place"),
        _(
            "Somebody signed in as you at %(at)s in a browser that was new to us. Not you? Change your password."
        ),
        needs=("at",),
        sms=("at",),
        icon="shield",
    ),
    "number_changed": Template(
        _("Your number was changed"),
        _("You sign in with the number ending in %(digits)s now. If this is wrong, please call us."),
        needs=("digits",),
        sms=("digits",),
        icon="user",
    ),
    # Sent to the holder of the old number, without naming its former owner.
    "number_left": Template(
        _("This number was taken out"),
        _("Your old entry under this number was moved to another one. If this is wrong, please call us."),
        needs=(),
        sms=(),
        icon="user",
    ),
    "wechat_bound": Template(
        _("WeChat signs you in"),
        _("From now on this WeChat signs you in without a code. Not you? End it under Me, or call us."),
        needs=(),
        icon="shield",
    ),
    "wechat_unbound": Template(
        _("WeChat no longer signs you in"),
        _("The phone with it is signed out. You sign in by code again."),
        needs=(),
        icon="shield",
    ),
    # Names are not shown before both sides agree.
    "delegation_offered": Template(
        _("Will you help?"),
        _("Somebody whose number ends in %(digits)s asks you to act for them. Agree only if you know them."),
        needs=("digits",),
        sms=("digits",),
        icon="family",
    ),
    "delegation_proposed": Template(
        _("Shall they help?"),
        _("The desk was told that the number ending in %(digits)s may act for you. It needs your yes."),
        needs=("digits",),
        icon="family",
    ),
    "delegation_agreed": Template(
        _("You have agreed"),
        _("The number ending in %(digits)s was asked to act for you. You can end it at any time."),
        needs=("digits",),
        sms=("digits",),
        icon="family",
    ),
    "delegation_noted": Template(
        _("Your family can help"),
        _("%(name)s may now act for you. You can end it at any time."),
        needs=("name",),
        icon="family",
    ),
    "invitation_taken": Template(
        _("May they help you?"),
        _("%(name)s, number ending in %(digits)s, took your link. Confirm only if you know them."),
        needs=("name", "digits"),
        icon="family",
    ),
    "delegation_begun": Template(
        _("You can help now"),
        _("%(name)s has confirmed that you act for them. Either of you can end it at any time."),
        needs=("name",),
        icon="family",
    ),
    "delegation_ending": Template(
        _("Helping ends soon"),
        _("You and %(name)s act for each other until %(day)s. Add family again if it shall go on."),
        needs=("name", "day"),
        icon="family",
    ),
    "delegation_ended": Template(
        _("Helping has ended"),
        _("You and %(name)s no longer act for each other there."),
        needs=("name",),
        icon="family",
    ),
    "handover": Template(
        _("Please help me"),
        _("%(name)s asks you: %(step)s"),
        needs=("name", "step"),
        sms=("name",),
        icon="family",
        defaults={"step": _("finish a step for them")},
    ),
}
