"""Signatures over SHA256SUMS in OpenSSH's own format, so that `ssh-keygen -Y verify` checks them too.

The format is PROTOCOL.sshsig of OpenSSH, with Ed25519 (RFC 8032) keys: the key that a person already
shows on a code host is enough, and `ssh-keygen -Y sign -n gristmill SHA256SUMS` makes the same file.
"""

from __future__ import annotations

import base64
import binascii
import struct
from hashlib import sha256, sha512
from itertools import pairwise
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNED: Final = "SHA256SUMS.sig"
NAMESPACE: Final = "gristmill"
_MAGIC: Final = b"SSHSIG"
_KIND: Final = b"ssh-ed25519"
_HASH: Final = b"sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"
_WIDTH: Final = 70  # columns, as ssh-keygen breaks the lines


class SshSignature(NamedTuple):
    """A signature as it was read: the raw public key (32 bytes) and the signature itself (64)."""

    key: bytes
    value: bytes
    namespace: str = NAMESPACE

    @property
    def fingerprint(self) -> str:
        """Return the key's fingerprint as `ssh-keygen -l` shows it."""
        digest = base64.b64encode(sha256(_key_blob(self.key)).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    def holds(self, message: bytes) -> bool:
        """Say whether the key signed this message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(
                self.value, _signed(message, self.namespace)
            )
        except (InvalidSignature, ValueError):
            return False
        return True


def sign(message: bytes, key: Ed25519PrivateKey, namespace: str = NAMESPACE) -> bytes:
    """Return the signature file of a message; equal messages and keys give equal bytes."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return _encode(SshSignature(public, key.sign(_signed(message, namespace)), namespace))


def decode(data: bytes, namespace: str = NAMESPACE) -> SshSignature:
    """Read a signature file; raises `ValueError` unless its bytes are the ones that `sign` gives."""
    try:
        text = data.decode("ascii")
        blob = base64.b64decode(text.removeprefix(_BEGIN).removesuffix(_END).replace("\n", ""))
    except (UnicodeDecodeError, binascii.Error) as error:
        raise ValueError("is no signature file") from error
    body = blob.removeprefix(_MAGIC + struct.pack(">I", 1))
    fields = list(_strings(body))
    if len(fields) != 5:  # noqa: PLR2004  key, namespace, reserved, hash, signature
        raise ValueError("is no signature file")
    key, signed = list(_strings(fields[0])), list(_strings(fields[4]))
    if len(key) != 2 or len(signed) != 2 or key[0] != _KIND:  # noqa: PLR2004  kind and value
        raise ValueError("is not signed with an Ed25519 key")
    read = SshSignature(key[1], signed[1], namespace)
    if fields[1] != namespace.encode():
        raise ValueError(f"is a signature for another purpose: sign with `-n {namespace}`")
    if _encode(read) != data:
        raise ValueError("is no signature file in its usual form")
    return read


def public_keys(text: str) -> set[bytes]:
    """Read the Ed25519 keys (raw, 32 bytes) of a .pub, authorized_keys or allowed_signers file."""
    found = set()
    for line in text.splitlines():
        words = line.split()
        for kind, value in pairwise(words):
            if kind.encode() == _KIND:
                found.add(_raw_key(value))
    return found


def public_line(key: bytes) -> str:
    """Spell a raw public key as a line of a .pub file, without a comment."""
    return f"{_KIND.decode()} {base64.b64encode(_key_blob(key)).decode()}"


def _raw_key(value: str) -> bytes:
    try:
        parts = list(_strings(base64.b64decode(value, validate=True)))
    except binascii.Error as error:
        raise ValueError("a public key is no base64") from error
    if len(parts) != 2 or parts[0] != _KIND:  # noqa: PLR2004  kind and value
        raise ValueError("a public key is damaged")
    return parts[1]


def _signed(message: bytes, namespace: str) -> bytes:
    """Spell what is signed: the purpose and a hash of the message."""
    parts = (namespace.encode(), b"", _HASH, sha512(message).digest())
    return _MAGIC + b"".join(map(_string, parts))


def _encode(signature: SshSignature) -> bytes:
    parts = (
        _key_blob(signature.key),
        signature.namespace.encode(),
        b"",
        _HASH,
        _string(_KIND) + _string(signature.value),
    )
    blob = _MAGIC + struct.pack(">I", 1) + b"".join(map(_string, parts))
    text = base64.b64encode(blob).decode()
    lines = (text[at : at + _WIDTH] + "\n" for at in range(0, len(text), _WIDTH))
    return (_BEGIN + "".join(lines) + _END).encode()


def _key_blob(key: bytes) -> bytes:
    return _string(_KIND) + _string(key)


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def _strings(data: bytes) -> list[bytes]:
    """Read SSH strings up to the end; raises `ValueError` when they do not end there."""
    found = []
    while data:
        if len(data) < 4:  # noqa: PLR2004  the length of a length
            raise ValueError("is no signature file")
        (length,) = struct.unpack(">I", data[:4])
        if len(data) < 4 + length:
            raise ValueError("is no signature file")
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    return found
