"""Ciphers and hashes of encrypted columns and files: AES-256-GCM and SHA-256, or SM4-GCM and SM3.

SM4 is GB/T 32907-2016 (GM/T 0002-2012), its use in GCM RFC 8998; SM3 is GB/T 32905-2016 (GM/T 0004-2012).
"""

from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
AES_GCM, SM4_GCM = "aes-gcm", "sm4-gcm"


class Sealing(Protocol):
    """Authenticated encryption with one key; the tag stands behind the ciphertext."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raises ``InvalidTag`` if the data, the key or what is associated is another one."""
        ...


class SM4GCM:
    """SM4-GCM in the form of ``AESGCM``; the key has 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        sealing = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data or b"")
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        if len(data) < TAG_BYTES:
            raise InvalidTag
        opening = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        opening.authenticate_additional_data(associated_data or b"")
        return opening.update(data[:-TAG_BYTES]) + opening.finalize()


def sm4_key(key: bytes) -> bytes:
    """Returns the 16 bytes that SM4 uses of a key of 32, by HKDF with SM3, so that no two ciphers share a key."""
    return HKDF(hashes.SM3(), 16, None, SM4_GCM.encode()).derive(key)


def sealing_with(cipher: str, key: bytes) -> Sealing:
    """Returns the cipher of this name with a key of 32 bytes. Raises ``KeyError`` for an unknown name."""
    made: dict[str, Sealing] = {AES_GCM: AESGCM(key), SM4_GCM: SM4GCM(sm4_key(key))}
    return made[cipher]


NAMES = (AES_GCM, SM4_GCM)
HASHES: dict[str, type[hashes.HashAlgorithm]] = {"sha256": hashes.SHA256, "sm3": hashes.SM3}
