from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import Any, ClassVar

from django.contrib.auth import load_backend
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.encryption import BlindIndexField, EncryptedCharField, EncryptedTextField, blind_indexes
from community.core.search.keys import PERSON, Searched, SearchedQuerySet, sealed
from community.core.search.names import person_keys
from community.estates.models import Estate

# The only source of rights in the back office.
RIGHTS = "accounts.backends.RoleBackend"
SESSION_SALT = "accounts.User.session"


class Administration(models.TextChoices):
    """The three administrations that are never in one hand (GB/T 22239-2019, 8.1.5.1 to 8.1.5.3).

    The city's operator is kept apart in the same way and reads figures only. The values are keys of ``rights``
    in the declarations, like the roles of an estate.
    """

    SYSTEM = "system_admin", _("system administrator")
    SECURITY = "security_admin", _("security administrator")
    AUDIT = "audit_admin", _("audit administrator")
    CITY = "city_operator", _("city operator")


# The flag of a person for each administration.
FLAGS = {
    Administration.SYSTEM: "is_superuser",
    Administration.SECURITY: "is_security_admin",
    Administration.AUDIT: "is_audit_admin",
    Administration.CITY: "is_city_operator",
}


def at_most_one(names: Iterable[str]) -> Q:
    """Returns the condition that no two of these flags are set."""
    found = Q()
    for one, other in combinations(names, 2):
        found &= Q(**{one: False}) | Q(**{other: False})
    return found


def national_number(phone: str) -> str:
    """Converts E.164 to the form that people type: ``+8613812345678`` → ``13812345678``."""
    return phone.removeprefix("+86")


def masked_number(phone: str) -> str:
    """Returns the national number with its middle hidden: ``138****5678``."""
    number = national_number(phone)
    return f"{number[:3]}****{number[-4:]}" if number else ""


class UserQuerySet(SearchedQuerySet["User"]):
    def with_phone(self, phone: str) -> "UserQuerySet":
        """Limits to the holder of this number (E.164)."""
        return self.filter(phone_index__in=blind_indexes(phone))

    def administering(self, *administrations: str) -> "UserQuerySet":
        """Limits to those who have one of these administrations, or any if none is named."""
        found = Q(pk__in=[])
        for one in administrations or Administration.values:
            found |= Q(**{FLAGS[Administration(one)]: True})
        return self.filter(found)

    def named(self, name: str) -> "UserQuerySet":
        """Limits to people with exactly this name."""
        return self.filter(name_index__in=blind_indexes(name))

    def living_in(self, estates: "models.QuerySet[Any]") -> "UserQuerySet":
        """Limits to residents of these estates and people who have requested to be."""
        living = User.objects.filter(
            residencies__status__in=["requested", "active"],
            residencies__home__entrance__building__estate__in=estates,
        )
        return self.filter(pk__in=living.values("pk"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, *, password: str | None = None, **fields: Any) -> "User":
        user = self.model(**fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str, **fields: Any) -> "User":
        return self.create_user(
            username=username, password=password, is_staff=True, is_superuser=True, **fields
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(Searched, AbstractBaseUser, PermissionsMixin):
    """A person: residents sign in with a phone number and a code, staff with name and password.

    Identity-card numbers are not collected.
    """

    search_kind = PERSON
    search_columns = ("name", "phone")

    username = models.CharField(
        _("staff sign-in name"), max_length=30, unique=True, null=True, blank=True, default=None
    )
    name = EncryptedCharField(_("name"), max_length=40, blank=True, was_clear=True)
    name_index = BlindIndexField(of="name", default="")
    phone = EncryptedTextField(_("mobile number"), blank=True)
    phone_index = BlindIndexField(of="phone", unique=True, null=True)
    phone_verified_at = models.DateTimeField(_("number verified"), null=True, blank=True)
    prefers_large = models.BooleanField(_("large type"), default=False)
    language = models.CharField(_("language"), max_length=10, blank=True)
    # Incremented when the number changes, which ends all earlier sessions.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the back office"), default=False)
    # ``is_superuser`` of Django is the system administration.
    is_security_admin = models.BooleanField(_("security administrator"), default=False)
    is_audit_admin = models.BooleanField(_("audit administrator"), default=False)
    is_city_operator = models.BooleanField(_("city operator"), default=False)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    # Keys of the roles that the API token in use carries; None without a token.
    carried_role_ids: Sequence[int] | None = None

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["pk"]
        indexes = [models.Index(fields=["name_index"], name="user_by_name")]
        constraints = [
            models.CheckConstraint(condition=at_most_one(FLAGS.values()), name="user_one_administration"),
        ]

    def __str__(self) -> str:
        return self.name or self.username or self.masked_phone or f"#{self.pk}"

    @staticmethod
    def search_keys(*columns: str) -> set[str]:
        return sealed(person_keys(*columns))

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Returns Django's own hash until the number first changes, so that an upgrade signs no one out."""
        if not self.session_epoch:
            kept: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
            return kept
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac(SESSION_SALT, value, secret=secret, algorithm="sha256").hexdigest()

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        """Returns the rights of the person's roles or administration; Django's of superusers are not used."""
        found: set[str] = load_backend(RIGHTS).get_all_permissions(self, obj)
        return found

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(obj)

    def has_module_perms(self, app_label: str) -> bool:
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions())

    @property
    def administration(self) -> str:
        """The administration that this person has, a value of ``Administration``; "" without one."""
        return next((one.value for one, flag in FLAGS.items() if getattr(self, flag)), "")

    @property
    def phone_national(self) -> str:
        return national_number(self.phone)

    @property
    def masked_phone(self) -> str:
        """Number as ``138****5678``, enough to recognise one's own."""
        return masked_number(self.phone)

    @property
    def surname(self) -> str:
        """Family name, for 「王师傅」."""
        return self.name[:1]


class StaffRoleQuerySet(models.QuerySet["StaffRole"]):
    def held_by(self, user: User) -> "StaffRoleQuerySet":
        """Limits to the roles with which ``user`` acts: all of theirs, or those that the API token carries."""
        held = self.filter(user=user)
        return held if user.carried_role_ids is None else held.filter(pk__in=user.carried_role_ids)

    def holding_on(self, day: date) -> "StaffRoleQuerySet":
        """Limits to roles that hold on this day."""
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        return self.filter(begun, Q(ends_on=None) | Q(ends_on__gte=day))

    def over_on(self, day: date) -> "StaffRoleQuerySet":
        """Limits to roles whose last day is before this day."""
        return self.filter(ends_on__lt=day)


class StaffRoleManager(models.Manager.from_queryset(StaffRoleQuerySet)):  # type: ignore[misc]
    """Limits every query, also from a person to their roles, to those that hold today."""

    def get_queryset(self) -> StaffRoleQuerySet:
        found: StaffRoleQuerySet = super().get_queryset()
        return found.holding_on(clock.today(clock.now()))


class StaffRole(models.Model):
    """A role of a member of staff in one estate; given and ended, never edited.

    Rows of ``objects`` hold today: a role that begins later, or whose last day is over, is nowhere. ``ever``
    has all of them, until ``end_roles_of_the_past`` deletes those that are over.
    """

    class Role(models.TextChoices):
        MANAGER = "manager", _("manager")
        DISPATCHER = "dispatcher", _("dispatcher")
        FRONT_DESK = "front_desk", _("front desk")
        REPAIR_WORKER = "repair_worker", _("repair worker")
        CASHIER = "cashier", _("cashier")
        CARE_COORDINATOR = "care_coordinator", _("care coordinator")
        CARER = "carer", _("carer")
        RENOVATION_COORDINATOR = "renovation_coordinator", _("renovation coordinator")
        CREW = "crew", _("crew")
        AUDITOR = "auditor", _("auditor")

    # Roles that act for residents and check residencies.
    DESK = (Role.FRONT_DESK, Role.MANAGER)

    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="staff_roles"
    )
    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=30, choices=Role)
    # First and last day; None: from the beginning, and until it is taken away.
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    objects = StaffRoleManager()
    ever = StaffRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")
        ordering = ["estate", "role", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "estate", "role"], name="staff_role_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="staff_role_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
