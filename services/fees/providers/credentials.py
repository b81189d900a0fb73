"""Keys and certificates of merchants: read as people paste them, checked, and put into one form."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PEM = serialization.Encoding.PEM
BEGINS = "-----BEGIN "
APIV3_LENGTH = 32
SERIAL = re.compile(r"[0-9A-F]{40}")
PUBLIC_KEY_ID = re.compile(r"PUB_KEY_ID_[0-9A-Za-z]{10,60}")
APP_SECRET = re.compile(r"[0-9A-Za-z]{32}")


@dataclass(frozen=True)
class KeyField:
    """A key of a merchant account. ``read`` returns it in the form that is stored; raises ``ValidationError``."""

    name: str
    label: Any
    read: Callable[[str], str]
    is_long: bool = True
    # Name of the file that the provider hands out.
    file: str = ""


def _der(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise ValidationError(_("This is no key in PEM or base64.")) from error


def private_key(text: str) -> str:
    """Returns an RSA private key as PEM (PKCS#8), from PEM or from the base64 that Alipay's tool writes."""
    try:
        if text.lstrip().startswith(BEGINS):
            key = serialization.load_pem_private_key(text.strip().encode(), password=None)
        else:
            key = serialization.load_der_private_key(_der(text), password=None)
    except (ValueError, TypeError) as error:
        raise ValidationError(_("This is no private key without a password.")) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValidationError(_("This is no RSA key."))
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def public_key(text: str) -> str:
    """Returns an RSA public key as PEM, from PEM or base64."""
    try:
        if text.lstrip().startswith(BEGINS):
            key: Any = serialization.load_pem_public_key(text.strip().encode())
        else:
            key = serialization.load_der_public_key(_der(text))
    except (ValueError, TypeError) as error:
        raise ValidationError(_("This is no public key.")) from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValidationError(_("This is no RSA key."))
    return key.public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def certificate(text: str) -> str:
    """Returns a certificate, or several in one file, as PEM."""
    try:
        found = x509.load_pem_x509_certificates(text.strip().encode())
    except ValueError as error:
        raise ValidationError(_("This is no certificate in PEM.")) from error
    return "\n".join(one.public_bytes(PEM).decode() for one in found)


def certificate_or_serial(text: str) -> str:
    """Returns a certificate as PEM, or its serial number alone as 40 capital hex digits."""
    if text.lstrip().startswith(BEGINS):
        return certificate(text)
    serial = "".join(text.split()).upper()
    if not SERIAL.fullmatch(serial):
        raise ValidationError(_("A serial number has 40 digits and letters from A to F."))
    return serial


def apiv3_key(text: str) -> str:
    if len(text.strip().encode()) != APIV3_LENGTH:
        raise ValidationError(_("The APIv3 key has exactly 32 characters."))
    return text.strip()


def public_key_id(text: str) -> str:
    if not PUBLIC_KEY_ID.fullmatch(text.strip()):
        raise ValidationError(_("The number begins with PUB_KEY_ID_."))
    return text.strip()


def app_secret(text: str) -> str:
    if not APP_SECRET.fullmatch(text.strip()):
        raise ValidationError(_("The secret of an official account has 32 digits and letters."))
    return text.strip()


def serial_fitting(pem: str, key_pem: str) -> str:
    """Returns the serial number of a certificate; raises ``ValidationError`` for one of another private key."""
    check_fits(pem, key_pem)
    return f"{x509.load_pem_x509_certificate(pem.encode()).serial_number:040X}"


def check_fits(pem: str, key_pem: str) -> None:
    """Raises ``ValidationError`` for a certificate of another private key."""
    own = serialization.load_pem_private_key(key_pem.encode(), password=None).public_key()
    of_certificate = x509.load_pem_x509_certificate(pem.encode()).public_key()
    coding = PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    if own.public_bytes(*coding) != of_certificate.public_bytes(*coding):
        raise ValidationError(_("The certificate is of another private key."))


WECHAT_FIELDS = (
    KeyField("private_key", _("Private key of the merchant"), private_key, file="apiclient_key.pem"),
    KeyField(
        "certificate_serial",
        _("Certificate of the merchant, or its serial number"),
        certificate_or_serial,
        file="apiclient_cert.pem",
    ),
    KeyField("apiv3_key", _("APIv3 key"), apiv3_key, is_long=False),
    KeyField("public_key", _("WeChat Pay's public key"), public_key, file="pub_key.pem"),
    KeyField("public_key_id", _("Number of WeChat Pay's public key"), public_key_id, is_long=False),
    KeyField("app_secret", _("Secret of the official account (AppSecret)"), app_secret, is_long=False),
)
ALIPAY_FIELDS = (
    KeyField("private_key", _("Private key of the application"), private_key),
    KeyField("alipay_public_key", _("Alipay's public key"), public_key),
    KeyField(
        "app_certificate", _("Certificate of the application"), certificate, file="appCertPublicKey_….crt"
    ),
    KeyField(
        "alipay_certificate", _("Alipay's certificate"), certificate, file="alipayCertPublicKey_RSA2.crt"
    ),
    KeyField("root_certificate", _("Alipay's root certificate"), certificate, file="alipayRootCert.crt"),
)
FIELDS = {"wechat": WECHAT_FIELDS, "alipay": ALIPAY_FIELDS}


def complete(provider: str, keys: dict[str, str]) -> dict[str, str]:
    """Returns the keys of an account, checked against each other. Raises ``ValidationError`` by field."""
    return _complete_wechat(keys) if provider == "wechat" else _complete_alipay(keys)


def _need(keys: dict[str, str], *names: str) -> None:
    missing = {name: _("Please enter it.") for name in names if not keys.get(name)}
    if missing:
        raise ValidationError(missing)


def _complete_wechat(keys: dict[str, str]) -> dict[str, str]:
    _need(keys, "private_key", "certificate_serial", "apiv3_key")
    if keys.get("public_key") or keys.get("public_key_id"):
        _need(keys, "public_key", "public_key_id")
    serial = keys["certificate_serial"]
    if serial.startswith(BEGINS):
        with _at("certificate_serial"):
            keys = keys | {"certificate_serial": serial_fitting(serial, keys["private_key"])}
    return keys


def _complete_alipay(keys: dict[str, str]) -> dict[str, str]:
    _need(keys, "private_key")
    certificates = "app_certificate", "alipay_certificate", "root_certificate"
    if any(keys.get(name) for name in certificates):
        _need(keys, *certificates)
        with _at("app_certificate"):
            check_fits(keys["app_certificate"], keys["private_key"])
    else:
        _need(keys, "alipay_public_key")
    return keys


class _at:  # noqa: N801  (reads as a word)
    """Puts a ``ValidationError`` at a field."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, ValidationError):
            raise ValidationError({self.name: error.messages}) from error
