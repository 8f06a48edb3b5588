"""`gristmill optout signals`: what recorded robots.txt, headers and tags reserve, into the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import print_json, print_table
from pipeline.cli.optout.shared import add_part, say_new
from pipeline.errors import ConfigError, InputError

if TYPE_CHECKING:
    import argparse

    from filters.signals.agents import Agents
    from pipeline.signals import Report

_SHOWN = 20


def add_parts(parts: Any) -> None:
    """Describe the part."""
    summary = "record what recorded robots.txt, headers and meta tags reserve; nothing is fetched"
    parser = add_part(parts, "signals", summary, _signals)
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a folder of HOST/robots.txt, HOST/ai.txt, HOST/.well-known/tdmrep.json; or JSON lines",
    )
    parser.add_argument(
        "--vocabulary",
        action="append",
        default=[],
        metavar="NAME[@VERSION]",
        help="read only these, such as robots, tdmrep, aipref@08 (default: all)",
    )
    parser.add_argument(
        "--agents", type=Path, metavar="FILE", help="a table of AI agents of your own, in JSON"
    )
    parser.add_argument(
        "--named-only",
        action="store_true",
        help="in robots.txt only groups that name an AI agent count, not the * groups",
    )
    parser.add_argument(
        "--met",
        action="append",
        default=[],
        metavar="NAME",
        help="an exception of Content-Usage whose condition you meet, such as cc-cr",
    )
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME=FIELD",
        help="where records hold url, id, headers, html, robots, tdmrep, aitxt; dots go deeper",
    )
    parser.add_argument(
        "--copies", choices=("none", "exact", "near"), default="none", help="which copies go too"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be recorded")


def _signals(options: argparse.Namespace) -> int:
    from filters.signals.model import Options  # noqa: PLC0415  a quick --help
    from filters.signals.vocabularies import choose  # noqa: PLC0415  a quick --help
    from pipeline.signal_recordings import FIELDS, Recordings  # noqa: PLC0415  a quick --help
    from pipeline.signals import record_signals  # noqa: PLC0415  a quick --help

    try:
        vocabularies = choose(options.vocabulary)
        agents = _agents(options.agents)
    except ValueError as error:
        raise ConfigError(f"optout: {error}") from error
    fields = dict(each.partition("=")[::2] for each in options.field)
    wrong = sorted(name for name, field in fields.items() if name not in FIELDS or not field)
    if wrong:
        raise ConfigError(
            f"optout: --field: write one of {', '.join(FIELDS)}, then = and its field"
        )
    missing = [path for path in options.paths if not path.exists()]
    if missing:
        raise ConfigError("\n".join(f"optout: {path}: there is no such path" for path in missing))
    existed = options.registry.exists()
    report = record_signals(
        options.registry,
        Recordings(options.paths, fields),
        Options(agents.purposes(), options.named_only, frozenset(options.met)),
        vocabularies,
        copies=options.copies,
        dry_run=options.dry_run,
    )
    say_new(options.registry, existed=existed)
    if options.json:
        print_json({"dry_run": options.dry_run, "agents": agents.version, "report": report})
    else:
        _print(report, dry_run=options.dry_run)
    if report.unreadable:
        told = "\n".join(report.unreadable[:_SHOWN])
        raise InputError(f"{told}\noptout: {len(report.unreadable)} recordings cannot be read")
    return 0


def _agents(path: Path | None) -> Agents:
    from filters.signals.agents import builtin_agents, parse_agents  # noqa: PLC0415  a quick --help

    if path is None:
        return builtin_agents()
    try:
        return parse_agents(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"optout: {path}: {error.strerror}") from error


def _print(report: Report, *, dry_run: bool) -> None:
    rows = [
        (
            each.request or "-",
            each.event,
            each.reason,
            ", ".join(f"{one.kind} {one.value}" for one in each.subjects) or each.place,
            ", ".join(each.where[:3]),
        )
        for each in report.changes
    ]
    done = "would be recorded" if dry_run else "recorded"
    title = (
        f"{report.recordings} recordings, {report.same} known already, {len(rows)} changes {done}"
    )
    print_table(title, ("request", "event", "reason", "subjects", "where"), rows)
    if report.review:
        matters = [
            (each.signal.place, each.signal.where, each.pattern or "(page)", each.why)
            for each in report.review
        ]
        print_table(
            f"{len(matters)} closed patterns that no subject says in full: look at them",
            ("place", "where", "pattern", "why"),
            matters[:_SHOWN],
        )
    if report.problems:
        wrong = [
            (each.vocabulary, each.place, each.where, each.problem) for each in report.problems
        ]
        print_table(
            f"{len(wrong)} statements are malformed and count as not made",
            ("vocabulary", "place", "where", "problem"),
            wrong[:_SHOWN],
        )
