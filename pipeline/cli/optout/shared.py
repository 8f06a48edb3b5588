"""What the parts of `gristmill optout` share: where the registry lies, and how a subject is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import terminal
from pipeline.cli.options import add_json_option
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from filters.subjects import Subject

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
    "sha1_git": "a file, by git's blob id, as git hash-object prints it",
}
FILES = {
    "text": "the text in a file",
    "normalised_text": "all texts equal to that in a file but for case, punctuation and whitespace",
}
OPTIONS = ", ".join(f"--{name.replace('_', '-')}" for name in (*SUBJECTS, *FILES))


def add_part(parts: Any, name: str, summary: str, handler: Any) -> argparse.ArgumentParser:
    """Describe a part that works on a registry."""
    parser: argparse.ArgumentParser = parts.add_parser(name, help=summary, description=summary)
    parser.add_argument(
        "--registry", required=True, type=Path, metavar="R", help="the registry's events.jsonl"
    )
    add_json_option(parser)
    parser.set_defaults(handler=handler)
    return parser


def say_stale(registry: Path) -> None:
    """Say on stderr that a signature of the registry does not hold for what was just recorded."""
    from pipeline.registry_signature import signature_path  # noqa: PLC0415  a quick --help

    signature = signature_path(registry)
    if signature.exists():
        terminal.say(
            f"optout: {signature}: is stale now: sign again with `gristmill optout sign`",
            error=True,
        )


def say_new(registry: Path, *, existed: bool) -> None:
    """Say on stderr that a registry was begun: who meant another one has mistyped its path."""
    if not existed and registry.exists():
        terminal.say(f"optout: {registry}: began a new registry", error=True)


def say_wide(subjects: Iterable[Subject]) -> None:
    """Say on stderr which subjects cover a whole code host."""
    from filters.urls import ignores_case  # noqa: PLC0415  a quick --help

    for each in subjects:
        if each.kind in {"domain", "url"} and "/" not in each.value and ignores_case(each.value):
            told = f"{each.kind} {each.value}: covers a whole code host, whoever owns what is there"
            terminal.say(f"optout: note: {told}", error=True)


def spell(subject: Any) -> str:
    """Name a subject for people; a path with the repository that it lies in."""
    return " ".join(each for each in (subject.kind, subject.repo, subject.value) if each)


def add_subjects(parser: argparse.ArgumentParser) -> None:
    """Add the options that name subjects; each may be repeated."""
    for name, summary in SUBJECTS.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, action="append", metavar="X", help=summary)
    for name, summary in FILES.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, action="append", type=Path, metavar="FILE", help=summary)
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="the key of author subjects, kept outside the registry",
    )


def read_subject(options: argparse.Namespace) -> Any:
    """Read the one subject that the command line names."""
    found = read_subjects(options)
    if len(found) != 1:
        raise ConfigError(f"optout: name one subject with one of {OPTIONS}")
    return found[0]


def read_subjects(options: argparse.Namespace) -> list[Any]:
    """Read all subjects that the command line names, each of them once."""
    from pipeline.optout import (  # noqa: PLC0415  a quick --help
        read_key,
        read_normalised_subject,
        read_text_subject,
    )

    key = b"" if options.key is None else read_key(options.key)
    found = [read_text_subject(path) for path in options.text or ()]
    found += [read_normalised_subject(path) for path in options.normalised_text or ()]
    repos = options.repo or []
    if options.path and len(repos) > 1:
        raise ConfigError("optout: --path: name the one repository that it lies in with --repo")
    for kind in SUBJECTS:
        for text in getattr(options, kind) or ():
            if not (kind == "repo" and options.path):
                repo = "".join(repos) if kind == "path" else ""
                found.append(one_subject(kind, text, repo, key))
    return list(dict.fromkeys(found))


def one_subject(kind: str, text: str, repo: str = "", key: bytes = b"") -> Any:
    """Build the subject that an option names."""
    from filters.subjects import SubjectError, subject  # noqa: PLC0415  a quick --help

    try:
        return subject(kind, text, repo=repo, key=key)
    except SubjectError as error:
        raise ConfigError(f"optout: --{kind.replace('_', '-')}: {error}") from error
