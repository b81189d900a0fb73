"""Numbers of certificates as Alipay computes them."""

import hashlib

from cryptography import x509
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

RSA = (SignatureAlgorithmOID.RSA_WITH_SHA1, SignatureAlgorithmOID.RSA_WITH_SHA256)
PARTS = (
    ("CN", NameOID.COMMON_NAME),
    ("OU", NameOID.ORGANIZATIONAL_UNIT_NAME),
    ("O", NameOID.ORGANIZATION_NAME),
    ("C", NameOID.COUNTRY_NAME),
)


def certificate_number(pem: str) -> str:
    """Returns the md5 of the issuer and the serial number in decimal."""
    return _number(x509.load_pem_x509_certificate(pem.encode()))


def root_number(pem: str) -> str:
    """Returns the numbers of the RSA-signed certificates of a file, joined."""
    found = x509.load_pem_x509_certificates(pem.encode())
    return "_".join(_number(one) for one in found if one.signature_algorithm_oid in RSA)


def _number(certificate: x509.Certificate) -> str:
    names = {name: certificate.issuer.get_attributes_for_oid(oid)[0].value for name, oid in PARTS}
    text = ",".join(f"{name}={value!s}" for name, value in names.items()) + str(certificate.serial_number)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
