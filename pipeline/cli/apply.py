"""`gristmill optout apply RELEASE`: make the successor of a published release without what was opted out since."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import terminal
from pipeline.cli.options import (
    add_executor_options,
    add_json_option,
    existing_release,
    print_json,
)

if TYPE_CHECKING:
    import argparse

    from pipeline.apply import Applied
    from pipeline.mirror import NewBytes
    from pipeline.recorded import Given
    from pipeline.run import Means


def add_part(parts: Any) -> None:
    """Describe the command."""
    summary = "make the successor of a release without what was opted out since"
    parser = parts.add_parser("apply", help=summary, description=__doc__)
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--registry", required=True, type=Path, metavar="R", help="the registry's events.jsonl"
    )
    parser.add_argument(
        "--inputs",
        type=Path,
        metavar="DIR",
        help="the folder that the release's config lay in (default: as its work folder remembers, else here)",
    )
    parser.add_argument(
        "--release-version", metavar="V", help="of the successor (default: the next patch)"
    )
    parser.add_argument("--redact-key", metavar="FILE", help="the key of [redact], if it had one")
    parser.add_argument("--key", metavar="FILE", help="the key of author subjects")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the successor goes (default: beside it)"
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="the work folder of the run that made it (default: beside it)",
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="record in the registry that the requests behind what went are applied, and in which release",
    )
    add_executor_options(parser)
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Say what went and what it cost; the last line is the path of the release that holds."""
    from pipeline.apply import apply  # noqa: PLC0415  numba and arrow load only for who needs them

    began = time.monotonic()
    release = existing_release(options.release)
    note = _note(_work(options, release))
    found = apply(
        release,
        options.registry,
        _given(options, release),
        _means(options, release),
        options.release_version or "",
        must_find=options.inputs is not None or options.redact_key is not None,
    )
    seconds = time.monotonic() - began
    fetch = None if found.successor is None else _new_bytes(release, found.successor)
    note = note if found.successor is not None else ""
    if note:
        terminal.say(f"optout: {note}", error=True)
    if options.json:
        print_json(_as_json(release, found, fetch, seconds) | {"note": note})
    else:
        _print(release, found, fetch, seconds)
    if options.record:
        _record(options.registry, release, found)
    return 0


def _note(work: Path) -> str:
    """Say that the work folder is none of an earlier run, which has another one then; asked before the run."""
    from pipeline.work_folder import ROOT  # noqa: PLC0415  a quick --help

    if (work / ROOT).is_file():
        return ""
    return (
        f"{work}: the work folder of the run that made it was not found: its intermediate files"
        " hold what was removed: give --work, or delete it"
    )


def _new_bytes(release: Path, successor: Path) -> NewBytes:
    from pipeline.mirror import new_bytes  # noqa: PLC0415  arrow loads only for who needs it

    return new_bytes(release, successor)


def _record(registry: Path, release: Path, found: Applied) -> None:
    """Say in the registry which requests are applied; last, as the release holds.

    These are those behind what went from a successor. Where nothing had to go, they are those of which
    the release alone did not tell that.
    """
    if found.successor is not None:
        _record_for(registry, found.successor, found.requests)
    elif not found.missing:
        from pipeline.optout_check import untold_requests  # noqa: PLC0415  a quick --help

        requests = untold_requests(release, registry)
        if requests:
            _record_for(registry, release, requests)


def _record_for(registry: Path, successor: Path, requests: tuple[str, ...]) -> None:
    from pipeline.cli.optout.shared import say_stale  # noqa: PLC0415  a quick --help
    from pipeline.optout import applied  # noqa: PLC0415  likewise
    from pipeline.published import read_manifest  # noqa: PLC0415  likewise

    manifest = read_manifest(successor)
    applied(registry, requests, f"{manifest.name}-{manifest.version}")
    terminal.say(f"optout: {registry}: recorded for {len(requests)} requests", error=True)
    say_stale(registry)


def _work(options: argparse.Namespace, release: Path) -> Path:
    """Find the work folder: given, else that of the runs beside the release."""
    from pipeline.published import read_manifest  # noqa: PLC0415  arrow loads only for who needs it

    given: Path | None = options.work
    return given or release.resolve().parent / ".work" / read_manifest(release).name


def _given(options: argparse.Namespace, release: Path) -> Given:
    from pipeline.recorded import Given  # noqa: PLC0415  likewise
    from pipeline.work_folder import kept_root  # noqa: PLC0415  a quick --help

    root = options.inputs or kept_root(_work(options, release)) or Path()
    keys = {"redact.key": options.redact_key, "optout.key": options.key}
    named = [(name, str(Path(path).resolve())) for name, path in keys.items() if path]
    return Given(root.resolve(), tuple(named))


def _means(options: argparse.Namespace, release: Path) -> Means:
    from pipeline.run import Means  # noqa: PLC0415  a quick --help

    return Means(
        options.out or release.resolve().parent,
        _work(options, release),
        options.executor,
        options.workers,
        options.scheduler,
        options.memory,
        options.timeout,
    )


def _print(release: Path, found: Applied, fetch: NewBytes | None, seconds: float) -> None:
    if found.missing:
        terminal.say("amended from the release alone: what it was made of is not at hand")
    if found.successor is None or found.changes is None or fetch is None:
        terminal.say(f"{release}: holds nothing that the registry names: nothing was made")
        terminal.say(release)
        return
    gone, back = len(found.changes.difference.removed), len(found.changes.difference.added)
    terminal.say(f"{gone:,} records are gone, for {len(found.requests)} requests")
    if back:
        terminal.say(f"{back:,} records are back: they had stood behind one that is gone")
    if found.not_re_elected:
        terminal.say(
            f"{found.not_re_elected:,} duplicates stood behind one that is gone and are not re-elected"
        )
    for line in found.unknown:
        terminal.say(f"note: {line}")
    share = found.changes.fetch / max(found.changes.bytes, 1)
    terminal.say(f"{found.changes.fetch:,} bytes of shards are new ({share:.2%}), {seconds:.1f} s")
    share = fetch.fresh / max(fetch.bytes, 1)
    terminal.say(f"{fetch.fresh:,} bytes of all files are new ({share:.2%})")
    terminal.say(f"{release}: is withdrawn: delete it where nobody needs it any more")
    terminal.say(found.successor)


def _as_json(
    release: Path, found: Applied, fetch: NewBytes | None, seconds: float
) -> dict[str, Any]:
    changes = found.changes
    return {
        "release": str(found.successor or release),
        "withdrawn": None if found.successor is None else str(release),
        "removed": 0 if changes is None else len(changes.difference.removed),
        "added": 0 if changes is None else len(changes.difference.added),
        "requests": list(found.requests),
        "amended": bool(found.missing),
        "not_re_elected": found.not_re_elected,
        "unknown": list(found.unknown),
        "new_frame_bytes": 0 if changes is None else changes.fetch,
        "frame_bytes": 0 if changes is None else changes.bytes,
        "new_bytes": 0 if fetch is None else fetch.fresh,
        "bytes": 0 if fetch is None else fetch.bytes,
        "seconds": round(seconds, 2),
    }
