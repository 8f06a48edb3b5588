"""Sign a release with an Ed25519 key: one small file beside SHA256SUMS, which nothing else lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

from manifests import sshsig
from manifests.manifest import SUMS
from pipeline.errors import ConfigError, IntegrityError
from pipeline.release import write_bytes
from pipeline.verify import verify

if TYPE_CHECKING:
    from pathlib import Path


def sign_release(release: Path, key: Path) -> sshsig.SshSignature:
    """Write SHA256SUMS.sig for a release that is whole; return what it says.

    Raises:
        ConfigError: the key cannot be read, or is no Ed25519 key without a passphrase.
        IntegrityError: the release is damaged: nobody should vouch for it.
    """
    private = read_key(key)
    problems = [each for each in verify(release, deep=False).problems if each.path != sshsig.SIGNED]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise IntegrityError(f"sign: {release}: is damaged and was not signed:\n{lines}")
    data = sshsig.sign((release / SUMS).read_bytes(), private)
    write_bytes(release / sshsig.SIGNED, data)
    return sshsig.decode(data)


def read_key(
    path: Path, namespace: str = sshsig.NAMESPACE, target: str = f"RELEASE/{SUMS}"
) -> Ed25519PrivateKey:
    """Read a private key as ssh-keygen or openssl write it, to sign `target`.

    Raises:
        ConfigError: it is not there, has a passphrase or is of another kind.
    """
    how = "make one with `ssh-keygen -t ed25519 -N '' -f FILE`"
    try:
        data = path.read_bytes()
        load = load_ssh_private_key if b"BEGIN OPENSSH" in data else load_pem_private_key
        key = load(data, password=None)
    except OSError as error:
        raise ConfigError(f"sign: {path}: cannot be read: {error.strerror}: {how}") from error
    except TypeError as error:
        raise ConfigError(
            f"sign: {path}: has a passphrase: use"
            f" `ssh-keygen -Y sign -n {namespace} -f {path} {target}`"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"sign: {path}: is no private key: {how}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"sign: {path}: is no Ed25519 key: {how}")
    return key


def read_signers(path: Path, stage: str = "verify") -> frozenset[bytes]:
    """Read whom to trust: a .pub, authorized_keys or allowed_signers file; errors name `stage`.

    Raises:
        ConfigError: it cannot be read, or holds no Ed25519 key.
    """
    try:
        keys = sshsig.public_keys(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{stage}: {path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{stage}: {path}: {error}") from error
    if not keys:
        raise ConfigError(f"{stage}: {path}: holds no ssh-ed25519 key")
    return frozenset(keys)
