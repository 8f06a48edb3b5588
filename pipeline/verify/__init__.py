"""Check a release against its own lists: which file is wrong and, looked at deeply, which document.

The fast check hashes every file and compares manifest.json, SHA256SUMS and the folder. The deep
one also decodes every frame and holds records, index, ledger and manifest against each other.
Damage never raises: whatever is wrong with a release becomes a `Problem`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.manifest import MANIFEST
from manifests.sshsig import SIGNED
from pipeline.verify.figures import check_figures
from pipeline.verify.honoured import Honoured
from pipeline.verify.index import Index
from pipeline.verify.ledger import check_ledger
from pipeline.verify.lists import check_lists
from pipeline.verify.origin import check_origin
from pipeline.verify.report import Findings, Problem, Report
from pipeline.verify.shards import check_shards
from pipeline.verify.signatures import check_signatures
from pipeline.verify.signer import check_signer
from pipeline.verify.twin import check_twins
from pipeline.verify.walk import Walk

if TYPE_CHECKING:
    from pathlib import Path

    from filters.optout import OptOutFilter
    from manifests.manifest import Manifest
    from pipeline.optout.texts import GivenText
    from pipeline.verify.lists import Lists

__all__ = ["Problem", "Report", "verify"]


def verify(
    release: Path,
    *,
    deep: bool,
    signers: frozenset[bytes] | None = None,
    content_root: str | None = None,
    optout: OptOutFilter | None = None,
    texts: tuple[GivenText, ...] = (),
) -> Report:
    """Check a release; the problems come in the order of their paths, frames and documents.

    With `signers` (raw public keys) one of them must have signed it; with `content_root` (64 hex
    digits) its content must be that. The deep check needs a manifest that is whole to hold things
    against: without one it is left out, and the report is not clean anyway. It holds every record
    against `optout`, but for requests for some languages or times: records may say less than the
    inputs did; `texts` are those that its requests were given with. Memory: one frame, and some
    120 bytes for each document and ledger row.
    """
    findings = Findings()
    lists = check_lists(release, findings)
    manifest = lists.manifest
    if manifest is not None and not findings.names(MANIFEST):
        check_origin(release, manifest, lists.sound, findings)
        if deep:
            honoured = None if optout is None else Honoured.of(optout, texts, release)
            _deep(release, manifest, lists, findings, honoured)
    if manifest is not None and content_root not in {None, manifest.content_root}:
        findings.add(MANIFEST, f"content_root is {manifest.content_root}, not the one asked for")
    signer = check_signer(
        release,
        signed=SIGNED in lists.present,
        sums=lists.sums,
        trusted=signers,
        findings=findings,
    )
    return Report(
        problems=findings.problems(),
        files=len(lists.present),
        bytes=lists.bytes,
        documents=0 if manifest is None else manifest.documents,
        questions=0 if manifest is None else manifest.questions,
        deep=deep,
        signer=signer,
        name="" if manifest is None else manifest.name,
        version="" if manifest is None else manifest.version,
        content_root="" if manifest is None else manifest.content_root,
    )


def _deep(
    release: Path,
    manifest: Manifest,
    lists: Lists,
    findings: Findings,
    honoured: Honoured | None,
) -> None:
    """Walk the shards along the index, then the ledger; a damaged file is no witness."""
    index = Index(release, lists.sound, findings)
    walk = Walk(manifest, index, findings, honoured)
    check_shards(release, walk, lists)
    check_ledger(release, walk, lists.sound, findings)
    check_figures(release, walk, lists.sound, findings)
    check_signatures(release, manifest, lists.sound, findings)
    check_twins(release, manifest, lists.sound, findings)
