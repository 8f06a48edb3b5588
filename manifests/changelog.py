"""The changelog of a release: what each release of its line changed, for people and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from manifests.diff import KINDS, SourceChange, Step
from manifests.markdown import code, number, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CHANGES: Final = "reports/changes.json"
_DECODER: Final = msgspec.json.Decoder(tuple[Step, ...])
_HEADS: Final = {
    "added": "added",
    "removed": "removed",
    "changed": "changed",
    "relicensed": "re-licensed",
    "moved": "other split",
}
MEANING: Final = {
    "initial": "Initial release",
    "patch": "The same documents in other bytes",
    "removal": "Documents removed on request: replace the parent by this release",
    "minor": "Documents added",
    "major": "Documents removed or edited, or a new schema or split",
}
"""Kind of change -> what it means to those who use the release."""


def steps_json(steps: Sequence[Step]) -> bytes:
    """Return reports/changes.json: the releases of a line, newest first."""
    return msgspec.json.format(msgspec.json.encode(steps, order="deterministic"), indent=2) + b"\n"


def parse_steps(data: bytes) -> tuple[Step, ...]:
    """Read reports/changes.json; raises `ValueError` (`msgspec.MsgspecError`) for anything else."""
    return _DECODER.decode(data)


def changelog(name: str, steps: Iterable[Step]) -> str:
    """Return CHANGELOG.md: a section for each release of the line, newest first."""
    return f"# Changelog of {name}\n\n" + "\n\n".join(map(section, steps)) + "\n"


def section(step: Step) -> str:
    """Tell what one release changed."""
    after = f"after {step.parent}" if step.parent else "the first release"
    lines = [f"## {step.version}", f"{MEANING[step.change]} ({after})."]
    if step.opted_out and step.change != "removal":
        lines.append(replaced(step.opted_out))
    lines.append(f"`content_root` {step.content_root}")
    if step.sources:
        kinds = shown_kinds(step.sources)
        header = ("source", *(_HEADS[kind] for kind in kinds))
        lines.append(table(header, _cells(step.sources, kinds)))
    if step.reasons:
        lines.append(table(("left because of", "documents"), _reason_cells(step.reasons)))
    return "\n\n".join(lines)


def replaced(opted_out: int) -> str:
    """Say that records left for opt-outs in a release of which that is not the whole meaning."""
    records = f"{number(opted_out)} record{' has' if opted_out == 1 else 's have'}"
    return f"{records} left for opt-outs: replace the parent by this release."


def shown_kinds(sources: Iterable[SourceChange]) -> list[str]:
    """Choose the columns: added, removed and changed always, what is rare where it happened."""
    rows = list(sources)
    return [kind for kind in KINDS if kind in KINDS[:3] or any(getattr(row, kind) for row in rows)]


def _cells(sources: Iterable[SourceChange], kinds: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return ((row.source, *(number(getattr(row, kind)) for kind in kinds)) for row in sources)


def _reason_cells(reasons: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ((code(reason), number(n)) for reason, n in ranked)
