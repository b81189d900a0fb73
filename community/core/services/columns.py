"""The form in which an app says which of its columns hold something of a person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from django.db.models import Model


class Kind(Enum):
    """Names the content of a column."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    BIRTH = "birth"
    # Names and numbers by which a person is known elsewhere: sign-in name, tax number, account at a bank.
    IDENTITY = "identity"
    # How people are related to one another.
    FAMILY = "family"
    # Where somebody lives or is, or whose home something is about.
    PLACE = "place"
    HEALTH = "health"
    # Texts that somebody wrote, or others wrote about them.
    WORDS = "words"
    OPINION = "opinion"
    PICTURE = "picture"
    VOICE = "voice"
    # Papers and sheets, as files or as rows of a file.
    PAPER = "paper"
    MONEY = "money"
    # Address of a device, its network.
    NETWORK = "network"
    # Passwords, codes and keys, or their hashes.
    SECRET = "secret"  # noqa: S105
    # A reference, key or mark that leads to a matter of a person.
    REFERENCE = "reference"
    # Language, type size.
    SETTING = "setting"


class Purpose(Enum):
    """Names what a column is needed for (个人信息保护法, article 6)."""

    ACCOUNT = "account"
    HOUSEHOLD = "household"
    CONTACT = "contact"
    SERVICE = "service"
    CARE = "care"
    SAFETY = "safety"
    MONEY = "money"
    RENOVATION = "renovation"
    OPINION = "opinion"
    OFFICE = "office"
    SECURITY = "security"


class Keep(Enum):
    """How long a column is kept."""

    # Until the person is erased, or leaves the estate.
    PERSON = "person"
    # With the request, booking or question that it is part of.
    MATTER = "matter"
    # Kept as long as accounting records must be.
    BOOKS = "books"
    # With the message that was sent.
    MESSAGE = "message"
    # Kept as long as the record of acts.
    RECORD = "record"
    # Until the contract or the office of a member of staff or of a firm ends.
    OFFICE = "office"
    # Some minutes to some days, by a task.
    SHORT = "short"


@dataclass(frozen=True)
class Columns:
    """Columns of one model, or of all models under an abstract one, that hold something of a person.

    ``model`` is a label such as ``fees.payment``. ``sensitive``: sensitive personal information, whose leak
    easily harms somebody (个人信息保护法, article 28), or a column that is protected like it. ``encrypted``:
    what the database stores cannot be read without a key of the application.
    """

    model: str
    names: tuple[str, ...]
    kind: Kind
    purpose: Purpose
    keep: Keep
    sensitive: bool = False
    encrypted: bool = False


@dataclass(frozen=True)
class OfNobody:
    """Columns of text that hold nothing of a person, with the reason."""

    model: str
    names: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Column:
    """A column of a table, as declared; ``model`` is the label of the concrete model."""

    model: str
    name: str
    kind: Kind
    purpose: Purpose
    keep: Keep
    sensitive: bool
    encrypted: bool


Declared = tuple[Columns | OfNobody, ...]


def labels_of(model: type[Model]) -> set[str]:
    """Returns the labels under which columns of a model may be declared: its own and of abstract models."""
    return {base._meta.label_lower for base in model.__mro__ if issubclass(base, Model) and base is not Model}


def columns_of(model: type[Model], declared: Iterable[Columns | OfNobody]) -> Iterator[Column]:
    """Yields the declared columns of a concrete model that hold something of a person."""
    labels = labels_of(model)
    for one in declared:
        if isinstance(one, Columns) and one.model in labels:
            for name in one.names:
                yield Column(
                    model._meta.label_lower,
                    name,
                    one.kind,
                    one.purpose,
                    one.keep,
                    one.sensitive,
                    one.encrypted,
                )
