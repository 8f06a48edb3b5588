"""The parts of `gristmill optout` that read what people wrote: import, and `add --from-form`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from manifests.registry import NO_TERMS, Authority
from pipeline import terminal
from pipeline.cli.options import print_json
from pipeline.cli.optout.record import say, shown_status
from pipeline.cli.optout.shared import FILES, OPTIONS, SUBJECTS, add_part, say_new, say_wide, spell
from pipeline.cli.optout.terms import add_terms, read_terms
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from filters.request_list import Line, Parsed
    from filters.subjects import Subject
    from manifests.registry import Terms
    from pipeline.optout_form import Form

_WIDEST = 78  # characters of a line that is shown again


def add_parts(parts: Any) -> None:
    """Describe the parts; `add`, which stands there already, learns to read a form."""
    listed = add_part(parts, "import", "record a request written as a free-form list", _import)
    listed.add_argument("file", type=Path, metavar="FILE")
    listed.add_argument(
        "--host", default="", metavar="HOST", help="bare names are accounts there, as on github.com"
    )
    add_terms(listed)
    listed.add_argument("--key", type=Path, metavar="FILE", help="the key of author subjects")
    listed.add_argument("--reason", default="", metavar="CODE", help="why, as a code")
    listed.add_argument("--verified", action="store_true", help="record its verification, too")
    listed.add_argument("--dry-run", action="store_true", help="say what would be recorded")
    add = parts.choices["add"]
    add.add_argument(
        "--from-form",
        type=Path,
        metavar="FILE",
        help="the filled-in form of `gristmill optout form`; its request is always pending",
    )
    plain = add.get_default("handler")
    add.set_defaults(
        handler=lambda options: plain(options) if options.from_form is None else _from_form(options)
    )


def _import(options: argparse.Namespace) -> int:
    data = _read(options.file)
    parsed = _parsed(data.decode("utf-8-sig", "replace"), options)
    # a line that is half understood waits for whoever verifies; nobody looks at one that is verified at once
    subjects = _clear(parsed) if options.verified else parsed.subjects
    terms = read_terms(options, NO_TERMS)
    said = _record(options, subjects, terms, pending=not options.verified)
    said |= _keep(options, data, parsed.unclear, said["request"])
    return _told(options, said, _echoed(parsed), [_summary(options, said, terms)])


def _parsed(text: str, options: argparse.Namespace, host: str = "") -> Parsed:
    from filters.request_list import Reading, parse  # noqa: PLC0415  a quick --help
    from filters.subjects import SubjectError, canonical_domain  # noqa: PLC0415  likewise
    from pipeline.optout import read_key  # noqa: PLC0415  likewise

    host = getattr(options, "host", host)
    try:
        owners_on = canonical_domain(host) if host else ""
    except SubjectError as error:
        raise ConfigError(f"optout: --host: {error}") from error
    return parse(text, Reading(owners_on, b"" if options.key is None else read_key(options.key)))


def _clear(parsed: Parsed) -> tuple[Subject, ...]:
    found = (each for line in parsed.lines if not line.why for each in line.subjects)
    return tuple(dict.fromkeys(found))


def _record(
    options: argparse.Namespace, subjects: tuple[Subject, ...], terms: Terms, *, pending: bool
) -> dict[str, Any]:
    """Record one request, unless the same one is open already."""
    from pipeline.optout import add  # noqa: PLC0415  a quick --help

    status = "pending" if pending else "active"
    said = {"request": "", "status": status, "subjects": subjects, "known": False}
    if not subjects:
        return said | {"status": "nothing to record"}
    known = _known(options.registry, subjects, terms)
    if known is not None:
        return said | {"request": known.request, "status": known.status, "known": True}
    if getattr(options, "dry_run", False):
        return said
    existed = options.registry.exists()
    events = add(options.registry, subjects, terms=terms, reason=options.reason, pending=pending)
    say_new(options.registry, existed=existed)
    say_wide(subjects)
    return said | {"request": events[0].request}


def _known(registry: Path, subjects: tuple[Subject, ...], terms: Terms) -> Any:
    """Find an open request that asks for the same; its due date counts from the first time."""
    from manifests.registry import terms_of  # noqa: PLC0415  a quick --help
    from pipeline.optout import requests  # noqa: PLC0415  likewise

    named = {(each.kind, each.value, each.repo) for each in subjects}
    for state in requests(registry) if registry.exists() else ():
        asked = {(each.kind, each.value, each.repo) for each in state.subjects}
        same = msgspec.structs.replace(terms_of(state), subjects=(), due="")
        wanted = msgspec.structs.replace(terms, subjects=(), due="")
        if state.status in {"pending", "verified"} and (asked, same) == (named, wanted):
            return state
    return None


def _keep(
    options: argparse.Namespace, data: bytes, lines: tuple[Line, ...], request: str, first: int = 1
) -> dict[str, Any]:
    """List the unclear lines beside the registry; `first` is the line of the file that line 1 is."""
    from pipeline.optout_unclear import (  # noqa: PLC0415  a quick --help
        Unclear,
        digest,
        keep_unclear,
        unclear_path,
    )

    name = digest(data)
    entries = [Unclear(name, each.number + first - 1, each.why, request) for each in lines]
    if not getattr(options, "dry_run", False):
        keep_unclear(options.registry, entries)
    return {"unclear": entries, "review": str(unclear_path(options.registry)) if entries else ""}


def _echoed(parsed: Parsed, first: int = 1) -> list[str]:
    """Say line by line what was understood."""
    return [
        f"{line.number + first - 1:>5}  {each}"
        for line in parsed.lines
        if not line.markup
        for each in _understood(line)
    ]


def _understood(line: Line) -> list[str]:
    named = [spell(each) for each in line.subjects]
    if not line.why:
        return named
    shown = line.text.strip()
    cut = shown if len(shown) <= _WIDEST else f"{shown[:_WIDEST]}…"
    return [*(f"{each}  ?" for each in named), f"?  {cut}", f"   {line.why}"]


def _told(
    options: argparse.Namespace, said: dict[str, Any], echoed: list[str], lines: list[str]
) -> int:
    *before, last = [*echoed, *lines]
    if not options.json:
        terminal.say(*before)
    if said["request"] and not getattr(options, "dry_run", False):
        return say(options, said, last)
    if options.json:
        print_json(said)
    else:
        terminal.say(last)
    return 0


def _summary(options: argparse.Namespace, said: dict[str, Any], terms: Terms) -> str:
    dry = getattr(options, "dry_run", False)
    name = said["request"] or ("dry run" if dry else "no request")
    again = ", known already" if said["known"] else ""
    due = f", due {terms.due}" if terms.due else ""
    unclear = len(said["unclear"])
    kept = f", listed in {said['review']}" if unclear and not dry else ""
    count = len(said["subjects"])
    return (
        f"{name}: {count} subjects, copies {terms.copies}{due}, {shown_status(said['status'])}{again};"
        f" {unclear} lines unclear{kept}"
    )


def _from_form(options: argparse.Namespace) -> int:
    from pipeline.optout_form import read_form  # noqa: PLC0415  a quick --help

    if any(getattr(options, name) for name in (*SUBJECTS, *FILES)):
        raise ConfigError(f"optout: --from-form: the form names the subjects: leave out {OPTIONS}")
    data = _read(options.from_form)
    form = read_form(data.decode("utf-8-sig", "replace"))
    if form.missing:
        told = "\n".join(
            f"optout: {options.from_form}: not answered: {each}" for each in form.missing
        )
        raise ConfigError(told)
    terms, notes = _form_terms(options, form)
    parsed = _parsed(form.answers.what, options)
    said = _record(options, parsed.subjects, terms, pending=True)
    said |= _keep(options, data, parsed.unclear, said["request"], form.what_line)
    said |= {"terms": msgspec.to_builtins(terms), "unclear_answers": form.unclear, "notes": notes}
    lines = [*_spelled(terms), *(f"  {each}" for each in notes)]
    lines += [*(f"  unclear: {each}" for each in form.unclear), _summary(options, said, terms)]
    return _told(options, said, _echoed(parsed, form.what_line), lines)


def _form_terms(options: argparse.Namespace, form: Form) -> tuple[Terms, list[str]]:
    """Put the form's answers where no option says otherwise; the notes say what is not recorded."""
    from filters.subjects import find_addresses  # noqa: PLC0415  a quick --help
    from pipeline.optout_unclear import digest  # noqa: PLC0415  likewise

    answers, notes = form.answers, []
    contact = find_addresses(answers.contact)
    if options.requester is None and len(contact) == 1:
        if options.key is None:
            raise ConfigError(
                f"optout: {options.from_form}: How to reach you: holds an e-mail address: give --key,"
                " so that a keyed digest of it is recorded, or delete the answer"
            )
        options.requester = contact[0]
    elif answers.contact:
        notes.append("the contact is no single e-mail address and is not recorded")
    if answers.remarks:
        notes.append("there are remarks, which are not recorded: read them")
    given = {
        "authority": answers.authority or None,
        "copies": answers.copies,
        "future": answers.future,
        "data_kind": list(answers.kinds) or None,
        "basis": answers.basis or None,
    }
    for name, value in given.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    proof = digest(answers.proof.encode("utf-8", "replace")) if answers.proof else ""
    before = msgspec.structs.replace(NO_TERMS, authority=Authority(evidence=proof))
    return read_terms(options, before), notes


def _spelled(terms: Terms) -> list[str]:
    """Spell what was understood beside the subjects."""
    rows = {
        "what you are to it": terms.authority.level or "unclear",
        "copies": terms.copies,
        "what comes later": "left out, too" if terms.scope.future else "stays",
        "kinds of data": ", ".join(terms.scope.kinds) or "all",
        "legal basis": terms.basis or "none named",
        "contact": "a keyed digest" if terms.requester else "none",
        "proof": f"sha256 {terms.authority.evidence}" if terms.authority.evidence else "none",
    }
    return [f"  {name:<18} {value}" for name, value in rows.items()]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"optout: {path}: {error.strerror}") from error
