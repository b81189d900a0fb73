"""Keys and certificates of the local payment server and of its one merchant, made once."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

DAYS = 1825
MERCHANT, APP_ID = "1900000109", "wx8888888888888888"
SELLER, ALIPAY_APP = "2088000000000009", "2021000000000009"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000001092026113000000000000001"


@dataclass(frozen=True)
class Keys:
    """PEM texts of private keys, and the secrets that both sides share."""

    wechat_merchant: str
    wechat_public: str
    wechat_platform: str
    alipay_app: str
    alipay: str
    apiv3_key: str
    app_secret: str
    # Certificates, by the private key that they are of.
    certificates: dict[str, str]

    def private(self, name: str) -> rsa.RSAPrivateKey:
        return self._loaded[name]

    @cached_property
    def _loaded(self) -> dict[str, rsa.RSAPrivateKey]:
        names = (field.name for field in fields(self))
        texts = {name: getattr(self, name) for name in names}
        return {name: load(text) for name, text in texts.items() if isinstance(text, str) and "KEY-" in text}

    @cached_property
    def serials(self) -> dict[str, str]:
        """The serial numbers of the certificates, as WeChat Pay writes them."""
        return {name: serial_of(text) for name, text in self.certificates.items()}

    def wechat_credentials(self, *, by_certificates: bool = False) -> str:
        """Returns what a merchant enters for WeChat Pay, as JSON, in either way to verify."""
        public = {} if by_certificates else {"public_key": public_pem(self.private("wechat_public"))}
        number = {} if by_certificates else {"public_key_id": PUBLIC_KEY_ID}
        own = {
            "private_key": self.wechat_merchant,
            "certificate_serial": self.serials["wechat_merchant"],
            "apiv3_key": self.apiv3_key,
            "app_secret": self.app_secret,
        }
        return json.dumps(own | public | number)

    def alipay_credentials(self, *, by_certificates: bool = False) -> str:
        """Returns what a merchant enters for Alipay, as JSON, in either way to verify."""
        own = {"private_key": self.alipay_app}
        if not by_certificates:
            return json.dumps(own | {"alipay_public_key": public_pem(self.private("alipay"))})
        return json.dumps(
            own
            | {
                "app_certificate": self.certificates["alipay_app"],
                "alipay_certificate": self.certificates["alipay"],
                "root_certificate": self.certificates["alipay_root"],
            }
        )


def load(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def serial_of(certificate: str) -> str:
    return f"{x509.load_pem_x509_certificate(certificate.encode()).serial_number:040X}"


def make_certificate(
    key: rsa.RSAPrivateKey,
    name: str,
    *,
    signer: rsa.RSAPrivateKey | None = None,
    issuer: str = "",
    days: tuple[int, int] = (-1, DAYS),
) -> str:
    """Returns a certificate, PEM, valid from ``days[0]`` to ``days[1]`` after now; by default signed by itself."""
    now = datetime.fromtimestamp(int(datetime.now(UTC).timestamp()), UTC)  # noqa: TID251  (knows no Django)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer or name))
        .public_key(key.public_key())
        # WeChat Pay's serial numbers have 40 hex digits: no zero in front.
        .serial_number(int.from_bytes(b"\x5a" + secrets.token_bytes(19), "big"))
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .sign(signer or key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _name(name: str) -> x509.Name:
    parts = {
        NameOID.COMMON_NAME: name,
        NameOID.ORGANIZATIONAL_UNIT_NAME: "Practice",
        NameOID.ORGANIZATION_NAME: "Linli",
        NameOID.COUNTRY_NAME: "CN",
    }
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts.items()])


def make_keys(*, bits: int = 2048) -> Keys:
    def new() -> str:
        key = rsa.generate_private_key(65537, bits)
        coding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return key.private_bytes(*coding, serialization.NoEncryption()).decode()

    names = ("wechat_merchant", "wechat_public", "wechat_platform", "alipay_app", "alipay")
    made = {name: new() for name in names}
    root = load(made["wechat_public"])
    certificates = {
        name: make_certificate(load(pem), name, signer=root, issuer="Practice root")
        for name, pem in made.items()
        if name != "wechat_public"
    }
    certificates["alipay_root"] = make_certificate(root, "Practice root")
    return Keys(
        **made, apiv3_key=secrets.token_hex(16), app_secret=secrets.token_hex(16), certificates=certificates
    )


def kept_keys(folder: Path, make: Callable[[], Keys] = make_keys) -> Keys:
    """Returns the keys of a folder; makes them at the first start. The file is readable by its owner alone."""
    path = folder / "payment-keys.json"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(make()), file)
        draft.replace(path)
    return Keys(**json.loads(path.read_text()))
