"""Licence decisions made by hand: found by a document's content, or by repository and path."""

from __future__ import annotations

import difflib
import hashlib
import re
from typing import Any, Final, NamedTuple

import msgspec

from filters.globs import canonical_glob, glob_matches, split_path
from filters.licenses.spdx import NOASSERTION, normalise
from filters.repos import canonical_repo
from filters.urls import SubjectError

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_DATE: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_KEYS: Final = ("sha256", "repository", "path", "expression", "by", "why", "when")
_REQUIRED: Final = ("expression", "by", "why", "when")
_MAX_TEXT: Final = 1000  # code points of `by` or `why`
# `@` has no place in a role; in a reason it may be a package's scope or version
_ADDRESSES: Final = {"by": re.compile("@"), "why": re.compile(r"[^\s@]@[^\s@]+\.[A-Za-z]{2,}")}
_WILD: Final = re.compile(r"[*?\[]")


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision: the subject, the licence as a normalised expression, by whom, why and when.

    The subject is `sha256`, the hex digest of the UTF-8 of a document's NFC text, or `repository`
    (canonical, `host/owner/name`) with `path`, a canonical glob, `""` for the whole repository.
    `when` is an ISO 8601 date. No field names a person.
    """

    expression: str
    by: str
    why: str
    when: str
    sha256: str = ""
    repository: str = ""
    path: str = ""

    def as_json(self) -> dict[str, str]:
        """Return what the ledger and `inspect` quote."""
        quoted = {"kind": "decision", "expression": self.expression}
        return {**quoted, "by": self.by, "why": self.why, "when": self.when}


class _Place(NamedTuple):
    """The decisions of one repository."""

    exact: dict[str, Decision]  # by path or folder, without the leading slash
    globs: tuple[Decision, ...]  # most specific first
    whole: Decision | None


class Decisions:
    """All decisions, ready for lookups: `find` takes as many steps as a path has folders.

    Only patterns with wildcards of the document's own repository are tried one by one.
    """

    def __init__(self, decisions: tuple[Decision, ...] = ()) -> None:
        """Index decisions that `parse_decisions` has checked."""
        self.decisions: Final = tuple(sorted(decisions, key=_subject))
        self._by_digest: Final = {each.sha256: each for each in self.decisions if each.sha256}
        self._places: Final = _places(self.decisions)
        data = msgspec.json.encode(self.decisions, order="deterministic")
        self.digest: Final = hashlib.sha256(data).hexdigest()

    def __len__(self) -> int:
        return len(self.decisions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decisions) and self.decisions == other.decisions

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> tuple[type[Decisions], tuple[tuple[Decision, ...]]]:
        return Decisions, (self.decisions,)

    def of_content(self, sha256: str) -> Decision | None:
        """Return the decision for a content alone."""
        return self._by_digest.get(sha256)

    @property
    def of_contents(self) -> bool:
        """Tell whether any decision is for a content."""
        return bool(self._by_digest)

    def find(self, sha256: str = "", repo: str = "", path: str = "") -> Decision | None:
        """Return the decision for a document, the most specific one where several apply.

        The content decides first, then the path itself, the nearest folder or pattern with the
        most literal characters, and the repository last. `repo` may be spelt in any way; one that
        names no repository has no decision.
        """
        found = self._by_digest.get(sha256)
        if found is not None or not repo or not self._places:
            return found
        try:
            place = self._places.get(canonical_repo(repo))
        except SubjectError:
            return None
        return None if place is None else _find_path(place, path)


def _find_path(place: _Place, path: str) -> Decision | None:
    segments = split_path(path)
    near = None
    for end in range(len(segments), 0, -1):
        near = place.exact.get("/".join(segments[:end]))
        if near is not None:
            break
    least = 0 if near is None else len(near.path)
    for each in place.globs:
        if _weight(each)[0] < least:
            break
        if segments and glob_matches(each.path, path):
            return each if near is None or _weight(each) > _weight(near) else near
    return place.whole if near is None else near


def _weight(decision: Decision) -> tuple[int, int, str]:
    """How specific a path is: its literal characters, then without a wildcard, then by its text."""
    literal = len(re.sub(r"\*+|\?|\[[^\]]*\]", "", decision.path))
    return literal, -len(_WILD.findall(decision.path)), decision.path


def _places(decisions: tuple[Decision, ...]) -> dict[str, _Place]:
    grouped: dict[str, list[Decision]] = {}
    for each in decisions:
        if each.repository:
            grouped.setdefault(each.repository, []).append(each)
    return {repository: _place(each) for repository, each in grouped.items()}


def _place(decisions: list[Decision]) -> _Place:
    plain = [each for each in decisions if each.path and _WILD.search(each.path) is None]
    wild = [each for each in decisions if _WILD.search(each.path) is not None]
    whole = [each for each in decisions if not each.path]
    return _Place(
        {each.path.removeprefix("/"): each for each in plain},
        tuple(sorted(wild, key=_weight, reverse=True)),
        whole[0] if whole else None,
    )


def parse_decisions(table: dict[str, Any]) -> Decisions:
    """Turn the table of a decisions file, `[[decision]]` tables, into `Decisions`.

    Raises `ValueError` with one line for every mistake, `decision N: key: problem`, N from 1 in the
    order of the file. Two decisions on one subject are a mistake, also where they agree.
    """
    problems = [f"{key}: unknown key; known: [[decision]]" for key in table if key != "decision"]
    entries = table.get("decision", [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise ValueError("decision: a list of tables is expected: write [[decision]]")
    subjects: dict[tuple[str, ...], int] = {}
    found = []
    for number, entry in enumerate(entries, 1):
        mistakes: list[str] = []
        built = _decision(entry, mistakes)
        if not mistakes:
            first = subjects.setdefault(_subject(built), number)
            if first != number:
                mistakes.append(f"its subject is that of decision {first}: keep one of the two")
            found.append(built)
        problems += [f"decision {number}: {each}" for each in mistakes]
    if problems:
        raise ValueError("\n".join(problems))
    return Decisions(tuple(found))


def _subject(decision: Decision) -> tuple[str, ...]:
    return decision.sha256, decision.repository, decision.path


def _decision(entry: dict[str, Any], mistakes: list[str]) -> Decision:
    for key in entry:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_KEYS)}"
            mistakes.append(f"{key}: unknown key; {hint}")
    texts = {key: _text(entry, key, mistakes) for key in _KEYS}
    mistakes += [f"{key}: is missing" for key in _REQUIRED if key not in entry]
    mistakes += [
        f"{key}: an e-mail address is personal data and would go into every ledger: name a role"
        for key, pattern in _ADDRESSES.items()
        if pattern.search(texts[key]) is not None
    ]
    repository, path = _where(texts, mistakes)
    return Decision(
        expression=_expression(texts["expression"], mistakes),
        by=texts["by"],
        why=texts["why"],
        when=texts["when"],
        sha256=texts["sha256"].lower(),
        repository=repository,
        path=path,
    )


def _text(entry: dict[str, Any], key: str, mistakes: list[str]) -> str:
    """Read one value; a TOML date is its ISO form."""
    given = entry.get(key, "")
    if key == "when":
        given = msgspec.to_builtins(given)  # a TOML date in its ISO form
    if not isinstance(given, str):
        mistakes.append(f"{key}: a string is expected")
        return ""
    value: str = given.strip()
    if key in entry and not value:
        mistakes.append(f"{key}: is empty")
    elif len(value) > _MAX_TEXT or not value.isprintable():
        mistakes.append(f"{key}: one line of at most {_MAX_TEXT} characters is expected")
    elif key == "when" and value and not _is_date(value):
        mistakes.append("when: a date is expected, as in 2026-01-31")
    elif key == "sha256" and value and _DIGEST.fullmatch(value.lower()) is None:
        mistakes.append("sha256: 64 hexadecimal digits are expected")
    return value


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= (29 if month == 2 and leap else _DAYS[month - 1])  # noqa: PLR2004  February


def _where(texts: dict[str, str], mistakes: list[str]) -> tuple[str, str]:
    """Bring the place to its canonical form."""
    if bool(texts["sha256"]) == bool(texts["repository"]):
        mistakes.append("name the subject: either sha256, or repository with or without path")
    if texts["path"] and not texts["repository"]:
        mistakes.append("path: it needs its repository")
    repository = path = ""
    try:
        repository = texts["repository"] and canonical_repo(texts["repository"])
    except SubjectError as error:
        mistakes.append(f"repository: {error}")
    try:
        path = texts["path"] and canonical_glob(texts["path"])
        # a folder's pattern covers what it holds either way, and a plain one is looked up at once
        folder = path.removesuffix("/**")
        path = folder if _WILD.search(folder) is None else path
    except SubjectError as error:
        mistakes.append(f"path: {error}")
    return repository, path


def _expression(text: str, mistakes: list[str]) -> str:
    """Take an expression as the SPDX list spells it; a person need not be guessed at."""
    if not text:
        return ""
    found = normalise(text)
    if found.expression == NOASSERTION and text != NOASSERTION:
        mistakes.append("expression: is no SPDX expression")
    elif found.repaired:
        hint = "" if found.unknown else f"; did you mean {found.expression!r}?"
        mistakes.append(f"expression: is not on the SPDX licence list{hint}")
    return found.expression
