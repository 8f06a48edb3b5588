"""Seal: indexes, ledger, manifest, card; then verify what was written, and only then show it.

The release is put together in a hidden folder beside its final place and appears under its name by
one rename. Shards are hard-linked from the work folder where the file system allows.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from manifests import check_proof
from manifests.changelog import CHANGES, changelog, steps_json
from manifests.checksum import canonical_json
from manifests.content import content_root
from manifests.licenses_page import REVIEW
from manifests.manifest import SCHEMA, SUMS, File, manifest_schema
from manifests.metadata.cards import dataset_card
from manifests.metadata.croissant import CROISSANT, croissant, read_figures
from manifests.metadata.papers import disclosure_papers
from manifests.metadata.provenance import PROVENANCE, provenance
from manifests.record import encode
from pipeline.account import Finished, make_manifest, making, statistics
from pipeline.contents import contents
from pipeline.engine.commit import sync
from pipeline.errors import ConfigError, IntegrityError
from pipeline.indexes import write_indexes
from pipeline.licenses_page import license_papers
from pipeline.lineage import succeed
from pipeline.optout_review import optout_review
from pipeline.plan import is_package
from pipeline.release import (
    CONFIG_PATH,
    STATISTICS_PATH,
    TOMBSTONES_PATH,
    ledger_parts,
    link,
    listed,
    write_bytes,
    write_lists,
)
from pipeline.report import REPORT, render
from pipeline.stages.review_list import encode as encode_review
from pipeline.stages.review_list import totals
from pipeline.storage import told_of_disks
from pipeline.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.job import Job

CHECKER: Final = "check_proof.py"


def seal(job: Job, done: Finished) -> Path:
    """Build, verify and publish the release; return its path.

    Raises:
        ConfigError: the version is too small a step, or is published already with other content.
        IntegrityError: what was written, or what is published already, does not verify.
        StorageError: it cannot be written.
    """
    name = f"{job.config.release.name}-{job.config.release.version}"
    final, staging = job.out / name, job.out / f".{name}.partial"
    with told_of_disks(job.out, "seal"), alone(job.out / f".{name}.lock"):
        shutil.rmtree(staging, ignore_errors=True)
        job.reporter.start("seal", (), ())
        try:
            shards = _place_shards(job, done, staging)
            write_indexes([job.work.folder(marker) for marker in done.emitted], staging)
            _write_papers(job, done, staging, shards)
            _verify_staged(job, staging)
            if final.exists():
                _compare_published(staging, final)
            else:
                publish(staging, final)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    if job.shelf is None:
        job.reporter.published(str(final))
    return final


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait for another run that seals the same version under the same folder, from other work."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _locked(path: Path) -> TextIO:
    """Lock the file that has this name: whoever held it before has removed the one that was waited for."""
    while True:
        lock = path.open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                return lock
        lock.close()


def _verify_staged(job: Job, staging: Path) -> None:
    """Check deeply what is about to be published, and hold it against the registry once more."""
    optout, texts = (None, ()) if job.gate is None else (job.gate.filter, job.gate.texts)
    problems = verify(staging, deep=True, optout=optout, texts=texts).problems
    if not problems:
        return
    lines = [f"seal: {problem}" for problem in problems]
    raise IntegrityError(
        "\n".join([*lines, "seal: nothing was published: run the same command again"])
    )


def _compare_published(staging: Path, final: Path) -> None:
    """Refuse to touch a sealed release: it is this very one, and whole, or the run ends here."""
    if not (final / SUMS).is_file() or (final / SUMS).read_bytes() != (staging / SUMS).read_bytes():
        raise ConfigError(
            f"seal: {final}: this version is published with other content:"
            " raise release.version, or give --out another folder"
        )
    problems = verify(final, deep=False).problems
    if problems:
        lines = [f"seal: {problem}" for problem in problems]
        raise IntegrityError(
            "\n".join(
                [
                    *lines,
                    f"seal: {final}: the published release is damaged: move it away and run again",
                ]
            )
        )


def publish(staging: Path, final: Path) -> None:
    """Rename the finished folder into place, everything in it synced."""
    for folder in sorted({path.parent for path in staging.rglob("*")}):
        sync(folder)
    staging.rename(final)
    sync(final.parent)


def _place_shards(job: Job, done: Finished, staging: Path) -> list[File]:
    """Link every shard under its release path; return their entries in the manifest."""
    files = []
    for marker in done.emitted:
        for shard in marker.record["files"]:
            entry = File(**shard["entry"])
            link(job.work.folder(marker) / shard["file"], staging / entry.path)
            files.append(entry)
        for path, file in marker.record["beside"].items():
            link(job.work.folder(marker) / file, staging / path)
    ledger = job.work.folder(done.ledger).all()
    for path in ledger_parts(ledger):
        link(path, staging / "ledger" / path.name)
    return files


def _write_papers(job: Job, done: Finished, staging: Path, shards: list[File]) -> None:
    """Write everything that people read, then the manifest over all files, then the checksums."""
    review = done.origin.review
    root = content_root(done.branches, job.config.release.seed)
    succession = succeed(job, done.parent, staging, root, making(job, done.origin))
    papers = {
        TOMBSTONES_PATH: b"".join(encode(row) for row in succession.tombstones),
        CONFIG_PATH: _indented(done.origin.config),
        STATISTICS_PATH: _indented(canonical_json(statistics(done) | contents(job, done, staging))),
        REVIEW: encode_review(review),
        CHECKER: Path(check_proof.__file__).read_bytes(),
        SCHEMA: manifest_schema(),
        **done.origin.papers,
        **optout_review(job, staging),
    }
    draft = make_manifest(job, done, shards, succession.change)
    figures = read_figures(papers[STATISTICS_PATH])
    papers["README.md"] = dataset_card(draft, figures).encode()
    packaged = {each.name for each in job.config.sources if is_package(each)}
    papers |= license_papers(staging, draft, packaged, totals(review))
    papers["CHANGELOG.md"] = changelog(draft.name, succession.steps).encode()
    papers[CHANGES] = steps_json(succession.steps)
    papers |= disclosure_papers(draft, papers[STATISTICS_PATH])
    for path, data in papers.items():
        write_bytes(staging / path, data)
    write_bytes(staging / REPORT, render(staging, draft))
    by_path = {file.path: file for file in shards}
    paths = sorted(
        (path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file()),
        key=str.encode,
    )
    files = [by_path.get(path) or listed(staging, path) for path in paths]
    listing = make_manifest(job, done, files, succession.change)
    write_bytes(staging / CROISSANT, croissant(listing, figures))
    files.append(listed(staging, CROISSANT))
    # it names every file but itself and the manifest, which lists it
    made = provenance(make_manifest(job, done, files, succession.change), papers[CONFIG_PATH])
    write_bytes(staging / PROVENANCE, made)
    files.append(listed(staging, PROVENANCE))
    write_lists(staging, make_manifest(job, done, files, succession.change))


def _indented(data: bytes) -> bytes:
    return (json.dumps(json.loads(data), indent=2, ensure_ascii=False) + "\n").encode()
