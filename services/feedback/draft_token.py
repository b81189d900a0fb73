"""The draft of feedback, in a hidden field from page to page, so that the server stores nothing of the
writer.

It is encrypted and signed, so that nobody can choose their own code or use another person's pictures, and so
that the code cannot be read in the page before it is shown.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from django.core import signing

from community.core.encryption import decrypt, encrypt
from services.feedback.thread_codes import new_code

SALT = "services.feedback.writing"
OPEN_SALT = "services.feedback.open"
# Validity of a draft: a page opened in the morning can be sent in the evening.
VALID_FOR = timedelta(days=1)


@dataclass(frozen=True)
class DraftToken:
    """The draft: ``key`` identifies it if sent with a name, ``code`` if sent anonymously.

    ``resident`` is the key of the person for whom it is written.
    """

    estate: int
    kind: str
    key: UUID
    code: str
    pictures: tuple[UUID, ...] = ()
    resident: int = 0
    # Key of the spoken message that went up with the words.
    spoken: UUID | None = None
    # Set if the draft replaces an expired one: the page must be shown again before it is sent.
    is_renewed: bool = False
    has_lost_pictures: bool = False
    has_lost_spoken: bool = False

    @classmethod
    def now(cls, *, estate: int, kind: str, resident: int = 0) -> "DraftToken":
        """Creates a draft with a new key and a new code."""
        return cls(estate=estate, kind=kind, key=uuid4(), code=new_code(), resident=resident)

    def with_pictures(self, keys: list[UUID]) -> "DraftToken":
        return replace(self, pictures=tuple(dict.fromkeys([*self.pictures, *keys])))

    def without_pictures(self) -> "DraftToken":
        return replace(self, pictures=())

    def with_spoken(self, key: UUID | None) -> "DraftToken":
        return replace(self, spoken=key)

    def nameless(self) -> "DraftToken":
        """Returns the draft without its resident and key, so that the browser does not send them.

        It names the spoken message only so that sending deletes it.
        """
        return replace(self, resident=0, key=uuid4())

    def seal(self) -> str:
        """Encrypts and signs the draft."""
        keys = [str(key) for key in self.pictures]
        spoken = str(self.spoken) if self.spoken else ""
        fields = [self.estate, self.kind, str(self.key), self.code, keys, self.resident, spoken]
        return encrypt(signing.dumps(fields, salt=SALT, compress=True), column=SALT)


def unseal(sealed: str) -> DraftToken | None:
    """Returns the draft; None if it was not sealed by Linli.

    An expired one is replaced by a new draft without pictures and without a spoken message.
    """
    try:
        opened = decrypt(sealed, column=SALT)
        # (A page that was opened before spoken messages were taken names none.)
        estate, kind, key, code, keys, resident, *more = signing.loads(opened, salt=SALT)
        signing.loads(opened, salt=SALT, max_age=VALID_FOR)
    except signing.SignatureExpired:
        anew = DraftToken.now(estate=estate, kind=kind, resident=resident)
        return replace(
            anew, is_renewed=True, has_lost_pictures=bool(keys), has_lost_spoken=bool(more and more[0])
        )
    except (signing.BadSignature, InvalidTag, KeyError, ValueError, TypeError):
        return None
    spoken = UUID(more[0]) if more and more[0] else None
    return DraftToken(estate, kind, UUID(key), code, tuple(UUID(text) for text in keys), resident, spoken)


def thread_cookie(pk: int) -> str:
    """Returns the signed cookie that opens one thread in this browser after the right code was entered."""
    return signing.dumps(pk, salt=OPEN_SALT)


def read_thread_cookie(value: str) -> int | None:
    """Returns the thread's key in the cookie; None if it is invalid or expired."""
    try:
        return int(signing.loads(value, salt=OPEN_SALT, max_age=VALID_FOR))
    except (signing.BadSignature, ValueError, TypeError):
        return None
