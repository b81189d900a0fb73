"""The draft of a feedback, in a hidden field from page to page, so that nothing is stored of the writer.

Sealed, so that nobody can choose their own code or take another's pictures, and so that the code
cannot be read in the page before it is shown.
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
# A page opened in the morning can be sent in the evening.
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class DraftToken:
    """``key`` names it if it is sent with a name, ``code`` if without; ``resident``: for whom, if the desk writes."""

    estate: int
    kind: str
    key: UUID
    code: str
    pictures: tuple[UUID, ...] = ()
    resident: int = 0
    # Begun anew in place of one that was too old, whose pictures are thrown away: nothing is sent unseen.
    is_renewed: bool = False
    has_lost_pictures: bool = False

    @classmethod
    def now(cls, *, estate: int, kind: str, resident: int = 0) -> "DraftToken":
        return cls(estate=estate, kind=kind, key=uuid4(), code=new_code(), resident=resident)

    def with_pictures(self, keys: list[UUID]) -> "DraftToken":
        return replace(self, pictures=(*self.pictures, *keys))

    def without_pictures(self) -> "DraftToken":
        return replace(self, pictures=())

    def nameless(self) -> "DraftToken":
        """The same without for whom it was begun: not even in what the browser sends."""
        return replace(self, resident=0, key=uuid4())

    def seal(self) -> str:
        keys = [str(key) for key in self.pictures]
        fields = [self.estate, self.kind, str(self.key), self.code, keys, self.resident]
        return encrypt(signing.dumps(fields, salt=SALT, compress=True), column=SALT)


def unseal(sealed: str) -> DraftToken | None:
    """None if it is not ours. One of more than a day ago begins anew: its pictures are thrown away."""
    try:
        opened = decrypt(sealed, column=SALT)
        estate, kind, key, code, keys, resident = signing.loads(opened, salt=SALT)
        signing.loads(opened, salt=SALT, max_age=KEPT_FOR)
    except signing.SignatureExpired:
        anew = DraftToken.now(estate=estate, kind=kind, resident=resident)
        return replace(anew, is_renewed=True, has_lost_pictures=bool(keys))
    except (signing.BadSignature, InvalidTag, KeyError, ValueError, TypeError):
        return None
    return DraftToken(estate, kind, UUID(key), code, tuple(UUID(one) for one in keys), resident)


def pass_for(pk: int) -> str:
    """What the browser keeps after the right code, for as long as it is open: which thread."""
    return signing.dumps(pk, salt=OPEN_SALT)


def read_pass(value: str) -> int | None:
    try:
        return int(signing.loads(value, salt=OPEN_SALT, max_age=KEPT_FOR))
    except (signing.BadSignature, ValueError, TypeError):
        return None
