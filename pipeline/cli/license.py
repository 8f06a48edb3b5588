"""`gristmill license review RELEASE`: what licence detection left open, as a table or as decisions to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.cli.options import (
    add_json_option,
    count,
    existing_release,
    print_json,
    print_table,
)
from pipeline.errors import ConfigError, IntegrityError
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

    from pipeline.stages.review_list import Entry

_SUBJECT = ("sha256", "source", "repository", "path")
_OPEN = ("expression", "by", "why", "when")


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "license", help="look at what licence detection left open", description=__doc__
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    review = actions.add_parser("review", help="list what a person should decide on")
    review.add_argument("release", type=Path, metavar="RELEASE")
    review.add_argument(
        "--reason", metavar="R", help="only this reason: unrecognised, failed, conflict, …"
    )
    review.add_argument("--limit", type=count, metavar="N", help="at most so many groups")
    review.add_argument(
        "--toml",
        action="store_true",
        help="print decisions to fill in, for `[license] decisions` of the config",
    )
    add_json_option(review)
    review.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print the groups, those with the most documents first.

    Raises:
        ConfigError: the release has no review list.
        IntegrityError: it cannot be read.
    """
    found = _read(existing_release(options.release))
    if options.reason is not None:
        found = [each for each in found if each.reason == options.reason]
    shown = found[: options.limit]
    if options.json:
        for each in shown:
            print_json(each)
    elif options.toml:
        say(*"\n\n".join(_decisions(shown)).split("\n"))
    else:
        _print_groups(found, shown)
    return 0


def _read(release: Path) -> list[Entry]:
    from manifests.licenses_page import REVIEW  # noqa: PLC0415  as below
    from pipeline.stages.review_list import decode  # noqa: PLC0415  the filters load only for who needs them

    try:
        return decode((release / REVIEW).read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(
            f"license: {release}: has no {REVIEW}: an older gristmill made it"
        ) from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise IntegrityError(
            f"license: {release / REVIEW}: cannot be read: verify the release"
        ) from error


def _print_groups(found: list[Entry], shown: list[Entry]) -> None:
    documents = sum(each.documents for each in found)
    say(f"{len(found):,} groups, {documents:,} documents")
    rows = [
        (
            f"{each.documents:,}",
            each.reason,
            each.license_class,
            " | ".join(each.expressions) or "-",
            _spelt(each.subject),
        )
        for each in shown
    ]
    if rows:
        print_table("", ("documents", "reason", "class", "expressions", "subject"), rows)


def _spelt(subject: dict[str, str]) -> str:
    return " ".join(f"{key}={subject[key]}" for key in _SUBJECT if key in subject)


def _decisions(shown: list[Entry]) -> list[str]:
    """Make one table a subject, with what is known of it as comments; what stands for a source is a comment alone."""
    by_subject: dict[str, list[Entry]] = {}
    for each in shown:
        by_subject.setdefault(_spelt(each.subject), []).append(each)
    return [_HEAD, *(_decision(each) for each in by_subject.values())]


def _decision(groups: list[Entry]) -> str:
    from pipeline.cli.evidence import tell  # noqa: PLC0415  as above

    lines = []
    for each in groups:
        named = ", ".join(each.expressions) or "no expression"
        lines.append(
            f"# {each.reason}: {each.documents:,} documents, {each.license_class}; {named}"
        )
        lines += [f"#   {tell(finding)}" for finding in each.evidence]
        lines.append(f"#   for example {', '.join(each.example_ids)}")
    subject = groups[0].subject
    if "source" in subject:
        return "\n".join([*map(_plain, lines), f"# source {_quoted(subject['source'])}: {_MEND}"])
    keys = [f"{key} = {_quoted(subject[key])}" for key in _SUBJECT if key in subject]
    return "\n".join(
        [*map(_plain, lines), "[[decision]]", *keys, *(f'{key} = ""' for key in _OPEN)]
    )


def _plain(line: str) -> str:
    """Keep a comment on its line: ids may hold anything."""
    return "".join(each if each.isprintable() else "?" for each in line)


def _quoted(value: str) -> str:
    """Spell a basic TOML string: JSON's escapes, and those of TOML for whatever else is not printable."""
    spelled = msgspec.json.encode(value).decode()
    return "".join(
        each
        if each.isprintable()
        else (f"\\u{ord(each):04x}" if ord(each) < 1 << 16 else f"\\U{ord(each):08x}")
        for each in spelled
    )


_MEND = "what it claims is no licence: mend `[[sources]] license` or the records"
_HEAD = """\
# Fill in what you decide and delete the rest, then name the file in the config: [license] decisions = "…".
# A decision overrides all other evidence for what its subject covers; `by` is a role, `when` a date (2026-01-31)."""
