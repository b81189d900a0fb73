"""The second cipher against what its standards publish, and both beside each other."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import Hash

from community.core import encryption
from community.core.ciphers import HASHES, SM4GCM

# GM/T 0004-2012, appendix A.
SM3 = [
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]
# GM/T 0002-2012, appendix A.1: the key is the plain text.
BLOCK, SEALED_BLOCK = "0123456789abcdeffedcba9876543210", "681edf34d206965e86b3e94f536e4246"
# RFC 8998, appendix A.1.
NONCE, ASSOCIATED = "00001234567800000000abcd", "feedfacedeadbeeffeedfacedeadbeefabaddad2"
PLAIN = "".join(pair * 8 for pair in ("aa", "bb", "cc", "dd", "ee", "ff", "ee", "aa"))
SEALED = (
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
)
TAG = "83de3541e4c2b58177e065a9bf7b62ec"


@pytest.mark.parametrize(("text", "digest"), SM3, ids=["short", "block"])
def test_sm3__published_examples__are_met(text: bytes, digest: str) -> None:
    hashed = Hash(HASHES["sm3"]())
    hashed.update(text)
    assert hashed.finalize().hex() == digest


def test_sm4__published_block__is_met() -> None:
    block = bytes.fromhex(BLOCK)
    sealing = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()
    assert (sealing.update(block) + sealing.finalize()).hex() == SEALED_BLOCK


def test_sm4_gcm__published_example__is_met_and_any_change_refused() -> None:
    cipher = SM4GCM(bytes.fromhex(BLOCK))
    nonce, associated = bytes.fromhex(NONCE), bytes.fromhex(ASSOCIATED)
    sealed = cipher.encrypt(nonce, bytes.fromhex(PLAIN), associated)
    assert sealed.hex() == SEALED + TAG
    assert cipher.decrypt(nonce, sealed, associated).hex() == PLAIN
    for wrong in (sealed[:-1] + b"x", sealed[:10], b"x" + sealed[1:]):
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, wrong, associated)
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed, b"another")


def test_cipher__changed__old_and_new_values_read(settings: Any) -> None:
    by_aes = encryption.encrypt("住3号楼", column="c")
    settings.FIELD_CIPHER = "sm4-gcm"
    by_sm4 = encryption.encrypt("住3号楼", column="c")
    assert (by_aes.partition(":")[0], by_sm4.partition(":")[0]) == ("demo", "demo/sm4-gcm")
    assert [encryption.is_newest(one, column="c") for one in (by_sm4, by_aes)] == [True, False]
    settings.FIELD_CIPHER = "aes-gcm"
    assert {encryption.decrypt(one, column="c") for one in (by_aes, by_sm4)} == {"住3号楼"}


def test_blind_index__hash_and_key_changed__finds_what_was_stored_before(settings: Any) -> None:
    before = encryption.blind_index("13812345678")
    settings.BLIND_INDEX_OLD_KEY = settings.BLIND_INDEX_KEY
    settings.BLIND_INDEX_KEY, settings.BLIND_INDEX_HASH = "another key, as long as the first one was", "sm3"
    found = encryption.blind_indexes("13812345678")
    assert found == [encryption.blind_index("13812345678"), before]
    assert found[0] != before
    assert encryption.blind_indexes("") == [""]
