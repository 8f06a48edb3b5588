"""Who signed the release: SHA256SUMS.sig against SHA256SUMS, and against the keys that are trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.manifest import SUMS
from manifests.sshsig import SIGNED, SshSignature, decode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pipeline.verify.report import Findings


def check_signer(
    release: Path,
    *,
    signed: bool,
    sums: Iterable[bytes],
    trusted: frozenset[bytes] | None,
    findings: Findings,
) -> str:
    """Return the fingerprint of the key that signed, `""` for none; `sums` are what SHA256SUMS may have been.

    A damaged SHA256SUMS is named already, so a signature over what it should be is no second fault.
    """
    if not signed:
        if trusted is not None:
            findings.add(SUMS, f"is not signed: there is no {SIGNED}")
        return ""
    signature = _read(release, findings)
    if signature is None:
        return ""
    if not any(signature.holds(each) for each in sums):
        problem = f"does not sign this {SUMS}: one of the two was changed since"
        findings.add(SIGNED, problem)
        return ""
    if trusted is not None and signature.key not in trusted:
        findings.add(SIGNED, f"is by {signature.fingerprint}, a key that is not trusted")
    return signature.fingerprint


def _read(release: Path, findings: Findings) -> SshSignature | None:
    try:
        return decode((release / SIGNED).read_bytes())
    except OSError as error:
        findings.add(SIGNED, f"cannot be read: {error.strerror}")
    except ValueError as error:
        findings.add(SIGNED, str(error))
    return None
