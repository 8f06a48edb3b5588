"""`gristmill diff OLD NEW`: which documents came, went and changed, why, and what version that needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release, print_json, print_table
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

    from manifests.manifest import Manifest
    from pipeline.compare import Comparison


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("diff", help="compare two releases", description=__doc__)
    parser.add_argument("old", type=Path, metavar="OLD")
    parser.add_argument("new", type=Path, metavar="NEW")
    parser.add_argument(
        "--documents", action="store_true", help="name every document, one a line (--json: too)"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the changes of each source, the reasons, the least version and how much is new."""
    from pipeline.compare import compare  # noqa: PLC0415  loads only for who needs it
    from pipeline.making import by_optouts_alone, making_of  # noqa: PLC0415  likewise
    from pipeline.mirror import new_bytes  # noqa: PLC0415  likewise
    from pipeline.published import read_manifest  # noqa: PLC0415  likewise

    old = read_manifest(existing_release(options.old))
    new = read_manifest(existing_release(options.new))
    found = compare(
        options.old,
        options.new,
        reseeded=old.build.seed != new.build.seed,
        by_optouts=by_optouts_alone(making_of(options.old), making_of(options.new)),
    )
    fetch = new_bytes(options.old, options.new)
    if options.json:
        told = _as_json(old, new, found) | {"new_bytes": fetch.fresh, "bytes": fetch.bytes}
        print_json(told | ({"documents": _documents(found)} if options.documents else {}))
        return 0
    _print(old, new, found)
    say(f"new of all files: {_share(fetch.fresh, fetch.bytes)}")
    if options.documents:
        for kind, keys in found.difference.items():
            for source, name in keys:
                why = f"  {found.fates[name]}" if kind == "removed" else ""
                say(f"{kind}  {f'{source}: ' if source else ''}{name}{why}")
    return 0


def _print(old: Manifest, new: Manifest, found: Comparison) -> None:
    from manifests.changelog import MEANING, replaced, shown_kinds  # noqa: PLC0415  loads only for who needs it

    say(f"{_name(old)} -> {_name(new)}: {MEANING[found.change].lower()}")
    if found.sources:
        kinds = shown_kinds(found.sources)
        rows = [
            (row.source, *(f"{getattr(row, kind):,}" for kind in kinds)) for row in found.sources
        ]
        print_table("", ("source", *kinds), rows)
    if found.reasons:
        print_table(
            "", ("left because of", "documents"), [(k, f"{n:,}") for k, n in found.reasons.items()]
        )
    if found.opted_out and found.change != "removal":
        say(replaced(found.opted_out).removesuffix("."))
    why = f" ({found.why})" if found.why else ""
    say(f"least version after {old.version}: {_least(old, found)}{why}")
    say(f"new frames: {_share(found.fetch, found.bytes)}")


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} bytes ({100 * part / whole if whole else 0:.1f} %)"


def _as_json(old: Manifest, new: Manifest, found: Comparison) -> dict[str, Any]:
    return {
        "old": {"release": _name(old), "content_root": old.content_root},
        "new": {"release": _name(new), "content_root": new.content_root},
        "change": found.change,
        "least_version": _least(old, found),
        "counts": {kind: len(keys) for kind, keys in found.difference.items()},
        "sources": found.sources,
        "reasons": found.reasons,
        "edits": found.edits,
        "reseeded": found.reseeded,
        "opted_out": found.opted_out,
        "moved_with_additions": found.joined,
        "new_frame_bytes": found.fetch,
        "frame_bytes": found.bytes,
    }


def _documents(found: Comparison) -> list[dict[str, str]]:
    return [
        {"id": name, "change": kind}
        | ({"source": source} if source else {})
        | ({"reason": str(found.fates[name])} if kind == "removed" else {})
        for kind, keys in found.difference.items()
        for source, name in keys
    ]


def _least(old: Manifest, found: Comparison) -> str:
    from manifests.version import least, parse  # noqa: PLC0415  loads only for who needs it

    return str(least(parse(old.version), found.change))


def _name(manifest: Manifest) -> str:
    return f"{manifest.name}-{manifest.version}"
