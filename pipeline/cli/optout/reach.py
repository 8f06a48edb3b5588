"""The parts of `gristmill optout` that look into releases: check, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import terminal
from pipeline.cli.options import print_json, print_table
from pipeline.cli.optout.shared import add_part, add_subjects, read_subject, read_subjects
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from datetime import date

    from pipeline.optout_check import Asked

_SHOWN = 50


def add_parts(parts: Any) -> None:
    """Describe the parts."""
    check = add_part(
        parts,
        "check",
        "which documents of published releases a subject names, and which requests cover it",
        _check,
    )
    check.add_argument(
        "releases", nargs="+", type=Path, metavar="RELEASE", help="a release, or a folder of them"
    )
    add_subjects(check)
    check.add_argument(
        "--file", type=Path, metavar="F", help="the text in a file, its near copies too"
    )
    check.add_argument(
        "--near",
        action="store_true",
        help="with --file or --text: sign the texts of releases that keep no signatures, once",
    )
    check.add_argument(
        "--redact-key",
        type=Path,
        metavar="FILE",
        help="with --file or --text: the key of [redact], where a release was redacted with one",
    )
    report = add_part(
        parts, "report", "ages and due dates of requests, and what releases still hold", _report
    )
    report.add_argument(
        "releases", nargs="+", type=Path, metavar="RELEASE", help="a release, or a folder of them"
    )
    report.add_argument(
        "--today", metavar="DAY", help="the UTC day to report for (default: that of the clock)"
    )
    report.add_argument(
        "--documents", action="store_true", help="list the ids of what is still there"
    )


def _check(options: argparse.Namespace) -> int:
    from pipeline.optout import load  # noqa: PLC0415  a quick --help
    from pipeline.optout_check import check, find_releases, with_given_texts  # noqa: PLC0415  arrow loads only for who needs it

    registry = load(options.registry)
    asked = with_given_texts(_asked(options), options.registry, registry.requests)
    releases = find_releases(options.releases)
    answer = check(releases, registry, asked)
    if options.json:
        print_json(answer)
    else:
        _print(answer)
    return 0


def _asked(options: argparse.Namespace) -> Asked:
    from pipeline.optout import read_key  # noqa: PLC0415  a quick --help
    from pipeline.optout_check import Asked, ask_file, ask_text  # noqa: PLC0415  likewise

    key = b"" if options.key is None else read_key(options.key)
    if options.file is not None:
        if read_subjects(options):
            raise ConfigError("optout: --file names the subject: leave the others out")
        asked = ask_file(options.file, sign=options.near)
    elif options.text or options.normalised_text:
        read_subject(options)  # there is no other
        [path] = options.text or options.normalised_text
        asked = ask_text(path, sign=options.near, normalised=not options.text)
    else:
        if options.near or options.redact_key is not None:
            raise ConfigError("optout: --near and --redact-key go with --file or --text")
        asked = Asked((read_subject(options),))
    return asked._replace(key=key, redact_key=options.redact_key)


def _print(answer: dict[str, Any]) -> None:
    """Print the answer for people; of many ids the first."""
    subject = answer["subject"]
    name = " ".join(each for each in (subject["kind"], subject["value"], subject["repo"]) if each)
    documents, requests = len(answer["documents"]), len(answer["requests"])
    told = "cannot be told" if not documents and answer["undecided"] else f"{documents} documents"
    terminal.say(f"{name}: {told}, {requests} requests")
    for other in answer["other_names"]:
        terminal.say(f"  also {' '.join(each for each in other.values() if each)}")
    for each, looked in zip(answer["releases"], answer["proof"], strict=True):
        _print_release(each, looked)
    for each in answer["covering"]:
        due = f", due {each['due']}" if each["due"] else ""
        late = "" if each["holds"] else ", does not hold yet"
        terminal.say(
            f"  request {each['request']}: {each['status']}{late}, copies {each['copies']}{due}"
        )
    for note in answer["notes"]:
        terminal.say(f"  note: {note}")


def _print_release(each: dict[str, Any], looked: dict[str, Any]) -> None:
    withdrawn = (
        f" (withdrawn {each['withdrawn']}: {each['replaced_by']} replaces it)"
        if each["replaced_by"]
        else ""
    )
    through = f"{looked['documents']} documents and {looked['questions']} questions"
    count = len(each["ids"])
    found = f"not found; {each['undecided_why']}" if each["undecided"] else f"{count} of {through}"
    terminal.say(f"  {each['release']}{withdrawn}: {found}")
    redacted = set(each["as_redacted"])
    for name in each["ids"][:_SHOWN]:
        terminal.say(f"    {name}{' (as it was redacted)' if name in redacted else ''}")
    if len(each["ids"]) > _SHOWN:
        terminal.say(f"    … and {len(each['ids']) - _SHOWN} more: --json lists them")
    for copy in each["near"][:_SHOWN]:
        terminal.say(f"    near: {copy['id']} (similarity {copy['similarity']:.3f})")
    if each["tombstones"]:
        terminal.say(f"    removed before: {len(each['tombstones'])}, by tombstones")
    if "merkle" in looked:
        claim = "is in it" if looked["merkle"]["claim"] == "member" else "is not in it"
        terminal.say(f"    proved by content root {looked['content_root']}: the id {claim}")


def _report(options: argparse.Namespace) -> int:
    from pipeline.optout_check import find_releases  # noqa: PLC0415  arrow loads only for who needs it
    from pipeline.optout_report import report  # noqa: PLC0415  likewise

    today = _day(options.today)
    releases = find_releases(options.releases)
    found = report(options.registry, releases, today, documents=options.documents)
    if options.json:
        print_json(found)
        return 0
    for line in _summed(found):
        terminal.say(line)
    rows = [_report_row(each) for each in found["requests"]]
    header = ("request", "status", "age", "due", "stands", "still in", "replaced")
    print_table(f"{len(rows)} requests, ages in days", header, rows)
    for each in found["requests"] if options.documents else ():
        for held in each["held_by"]:
            for name in held["ids"]:
                terminal.say(f"  {each['request']} {held['release']} {name}")
    return 0


def _day(text: str | None) -> date:
    from datetime import UTC, date, datetime  # noqa: PLC0415  a quick --help

    try:
        return datetime.now(UTC).date() if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"optout: --today: {text!r} is no day: write it as 2026-01-31") from error


def _summed(found: dict[str, Any]) -> Iterator[str]:
    """Say on top what somebody must look at."""
    said = found["summary"]
    yield (
        f"{found['today']}: {said['pending']} pending, {said['verified']} verified,"
        f" {said['unapplied']} unapplied, {said['overdue']} overdue"
        + (f", {said['cannot_tell']} cannot tell until applied" if said["cannot_tell"] else "")
    )
    oldest, took = said["oldest_unapplied_days"], said["median_days_to_apply"]
    if oldest is not None:
        yield f"the oldest unapplied request is {oldest} days old"
    if took is not None:
        yield f"{said['applied']} applied, in {took:g} days (median)"


def _report_row(each: dict[str, Any]) -> tuple[str, ...]:
    stands = [name for name in ("unapplied", "overdue") if each[name]]
    stands += ["cannot tell until applied"] if each["cannot_tell"] else []
    stands += [] if each["in_effect"] or each["status"] != "verified" else ["not in effect"]
    held = (f"{one['release']}: {one['documents'] + one['questions']}" for one in each["held_by"])
    replaced = (f"{one['release']} by {one['replaced_by']}" for one in each["replaced"])
    return (
        each["request"],
        each["status"],
        str(each["age_days"]),
        each["due"],
        ", ".join(stands),
        ", ".join(held),
        ", ".join(replaced),
    )
