"""`events.jsonl.sig`: somebody vouches for the head of an opt-out registry, and so for every line before it.

The format is that of a release's signature (`manifests.sshsig`) under a namespace of its own. What
is signed is the head with a line feed, which is all that `events.jsonl.head` holds, so
`ssh-keygen -Y sign -n gristmill-registry events.jsonl.head` makes the same signature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from manifests import sshsig
from pipeline.errors import RegistryError, at
from pipeline.optout import load
from pipeline.release import write_bytes
from pipeline.signing import read_key

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

NAMESPACE: Final = "gristmill-registry"
_HOW: Final = "sign it with `gristmill optout sign`"


def signature_path(path: Path) -> Path:
    """Return where the signature of a log lies."""
    return path.with_name(f"{path.name}.sig")


def sign_registry(path: Path, key: Path) -> sshsig.SshSignature:
    """Sign the head of a registry whose chain holds; return what the signature says.

    Raises:
        RegistryError: the registry is missing or broken: nobody should vouch for it.
        ConfigError: the key cannot be read, or is no Ed25519 key without a passphrase.
    """
    private = read_key(
        key, NAMESPACE, f"{path.name}.head && mv {path.name}.head.sig {path.name}.sig"
    )
    data = sshsig.sign(_message(load(path, trust_index=False).head), private, NAMESPACE)
    write_bytes(signature_path(path), data)
    return sshsig.decode(data, NAMESPACE)


def require_signature(path: Path, head: str, signers: AbstractSet[bytes]) -> sshsig.SshSignature:
    """Return the signature over this head by one of these keys.

    Raises:
        RegistryError: there is none, it is over another head, or somebody else's.
    """
    place = signature_path(path)
    try:
        signature = sshsig.decode(place.read_bytes(), NAMESPACE)
    except FileNotFoundError:
        raise RegistryError(at("optout", str(place), f"the head is not signed: {_HOW}")) from None
    except OSError as error:
        raise RegistryError(at("optout", str(place), f"{error.strerror}")) from None
    except ValueError as error:
        raise RegistryError(at("optout", str(place), f"{error}")) from None
    if signature.key not in signers:
        problem = f"is signed by {signature.fingerprint}, who is none of the allowed signers"
        raise RegistryError(at("optout", str(place), problem))
    if not signature.holds(_message(head)):
        problem = (
            "is stale: the registry has other events than when it was signed."
            f" Look at what was added, then {_HOW}"
        )
        raise RegistryError(at("optout", str(place), problem))
    return signature


def _message(head: str) -> bytes:
    return f"{head}\n".encode()
