"""`gristmill optout`: record opt-out requests, list and check the registry, ask what a request reaches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.cli.options import add_json_option, existing_release, print_json, print_table
from pipeline.errors import ConfigError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

SUBJECTS = {
    "repo": "a repository, in any spelling of its URL or as host/owner/name",
    "owner": "everything of an account or organisation",
    "origin": "an origin as Software Heritage names it",
    "domain": "a domain with its subdomains",
    "url": "every URL under this prefix",
    "path": "a glob of paths inside --repo",
    "author": "the author with this e-mail address (needs --key)",
    "id": "a document's id",
    "sha256": "a text, by the SHA-256 of its NFC UTF-8",
    "swhid": "a content, by its SWHID",
}


def add_parser(commands: Any) -> None:
    """Describe the command and its parts."""
    parser = commands.add_parser("optout", help="the opt-out registry", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    add = _part(parts, "add", "record a request and, unless --pending, its verification", _add)
    _add_subjects(add)
    add.add_argument(
        "--copies", choices=("none", "exact", "near"), default="near", help="which copies go too"
    )
    add.add_argument("--reason", default="", metavar="T", help="why, in a few words")
    add.add_argument("--pending", action="store_true", help="record it, but do not honour it yet")
    _part(parts, "list", "list every request and its state", _list)
    verify = _part(
        parts, "verify", "check the chain of the registry, or confirm a request", _verify
    )
    verify.add_argument("--request", metavar="ID", help="record that this pending request holds")
    for name, summary in (
        ("reject", "record that a pending request does not hold"),
        ("revoke", "take a request back"),
    ):
        closing = _part(parts, name, summary, _close)
        closing.add_argument("--request", required=True, metavar="ID")
        closing.add_argument("--reason", default="", metavar="T", help="why, in a few words")
    check = _part(
        parts,
        "check",
        "which documents of a release a subject names, and which requests cover it",
        _check,
    )
    check.add_argument("releases", nargs="+", type=Path, metavar="RELEASE")
    _add_subjects(check)


def _part(parts: Any, name: str, summary: str, handler: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parts.add_parser(name, help=summary, description=summary)
    parser.add_argument(
        "--registry", required=True, type=Path, metavar="R", help="the registry's events.jsonl"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handler)
    return parser


def _add_subjects(parser: argparse.ArgumentParser) -> None:
    for name, summary in SUBJECTS.items():
        parser.add_argument(f"--{name}", metavar="X", help=summary)
    parser.add_argument("--text", type=Path, metavar="FILE", help="the text in a file")
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="the key of author subjects, kept outside the registry",
    )


def _subject(options: argparse.Namespace) -> Any:
    """Read the one subject that the command line names."""
    from filters.subjects import SubjectError, subject  # noqa: PLC0415  a quick --help
    from pipeline.optout import read_key, read_text_subject  # noqa: PLC0415  a quick --help

    given = [name for name in (*SUBJECTS, "text") if getattr(options, name) is not None]
    kinds = [name for name in given if not (name == "repo" and "path" in given)]
    if len(kinds) != 1:
        named = ", ".join(f"--{name}" for name in (*SUBJECTS, "text"))
        raise ConfigError(f"optout: name one subject with one of {named}")
    kind = kinds[0]
    if kind == "text":
        return read_text_subject(options.text)
    try:
        key = b"" if options.key is None else read_key(options.key)
        repo = (options.repo or "") if kind == "path" else ""
        return subject(kind, getattr(options, kind), repo=repo, key=key)
    except SubjectError as error:
        raise ConfigError(f"optout: --{kind}: {error}") from error


def _add(options: argparse.Namespace) -> int:
    from pipeline.optout import add  # noqa: PLC0415  a quick --help

    subject = _subject(options)
    events = add(
        options.registry,
        [subject],
        copies=options.copies,
        reason=options.reason,
        pending=options.pending,
    )
    request = events[0].request
    if options.json:
        print_json(
            {
                "request": request,
                "subject": subject,
                "copies": options.copies,
                "status": _status(options),
            }
        )
    else:
        say(
            f"{request}: {subject.kind} {subject.value}, copies {options.copies}, {_status(options)}"
        )
    return 0


def _status(options: argparse.Namespace) -> str:
    return "pending" if options.pending else "active"


def _list(options: argparse.Namespace) -> int:
    from pipeline.optout import requests  # noqa: PLC0415  a quick --help

    states = requests(options.registry)
    if options.json:
        for state in states:
            print_json(state)
        return 0
    rows = [
        (
            state.request,
            state.status,
            state.copies,
            ", ".join(f"{each.kind} {each.value}" for each in state.subjects),
        )
        for state in states
    ]
    print_table(f"{len(rows)} requests", ("request", "status", "copies", "subjects"), rows)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from pipeline.optout import load, verify  # noqa: PLC0415  a quick --help

    if options.request is not None:
        return _say_status(options, verify(options.registry, options.request).request, "verified")
    registry = load(options.registry)
    if options.json:
        print_json(
            {
                "ok": True,
                "events": registry.events,
                "head": registry.head,
                "requests": registry.counts,
            }
        )
    else:
        say(f"{options.registry}: {registry.events} events, the chain holds, head {registry.head}")
    return 0


def _close(options: argparse.Namespace) -> int:
    from pipeline.optout import reject, revoke  # noqa: PLC0415  a quick --help

    close, status = (reject, "rejected") if options.part == "reject" else (revoke, "revoked")
    event = close(options.registry, options.request, reason=options.reason)
    return _say_status(options, event.request, status)


def _say_status(options: argparse.Namespace, request: str, status: str) -> int:
    if options.json:
        print_json({"request": request, "status": status})
    else:
        say(f"{request}: {status}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from pipeline.optout import load, read_key  # noqa: PLC0415  a quick --help
    from pipeline.reach import reach  # noqa: PLC0415  arrow loads only for who needs it

    key = b"" if options.key is None else read_key(options.key)
    subject = _subject(options)
    releases = [existing_release(path) for path in options.releases]
    answer = reach(releases, load(options.registry), subject, key)
    if options.json:
        print_json(answer)
        return 0
    say(
        f"{subject.kind} {subject.value}: {len(answer['documents'])} documents, {len(answer['requests'])} requests"
    )
    for line in (*answer["documents"], *answer["requests"]):
        say(f"  {line}")
    return 0
