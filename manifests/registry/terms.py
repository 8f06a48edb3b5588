"""What a request asks for: its subjects, how far it reaches, from when, for which releases, on whose word.

Every part has a default that a line of the log leaves out. A person is a keyed digest, a proof is
the digest of its file: the log says nothing that could not be read by anybody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeVar, get_args

import msgspec

from manifests.version import parse, precedence

if TYPE_CHECKING:
    from collections.abc import Iterator

Copies = Literal["none", "exact", "near"]
DataKind = Literal["code", "commits", "issues", "pulls", "comments", "questions", "web", "text"]
Level = Literal["", "self", "account", "owner", "domain", "legal", "signal", "operator"]

COPIES: Final[tuple[Copies, ...]] = get_args(Copies)
DATA_KINDS: Final[tuple[DataKind, ...]] = get_args(DataKind)
LEVELS: Final[tuple[Level, ...]] = get_args(Level)[1:]

_IS_DAY: Final = re.compile(r"(?!0000)(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_IS_CLOCK: Final = re.compile(r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)
_SHORT_MONTHS: Final = {4: 30, 6: 30, 9: 30, 11: 30}
_IS_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_IS_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_IS_PERSON: Final = re.compile(r"[0-9a-f]{8}:[0-9a-f]{64}")
_IS_RELEASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")
_IS_LANGUAGE: Final = re.compile(r"[^\x00-\x1f\x7f,]{1,64}")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A subject as the log keeps it, in canonical form; `repo` goes with the kind `path`."""

    kind: str
    value: str
    repo: str = ""


class Scope(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    kw_only=True,
    gc=False,
):
    """How far a request reaches; empty `kinds` and `languages` mean all.

    A document whose kind or language nobody knows counts as meant. Without `future` only those
    are meant that were created up to the day of the request, or that do not say when.
    """

    kinds: tuple[DataKind, ...] = ()
    copies: Copies = "near"
    future: bool = True
    languages: tuple[str, ...] = ()


class Authority(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    kw_only=True,
    gc=False,
):
    """On whose word: what the requester is to the subject, and the SHA-256 of what proves it."""

    level: Level = ""
    evidence: str = ""


ALL: Final = Scope()
NOBODY: Final = Authority()
_FURTHEST: Final[Copies] = ALL.copies


class Terms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What `submit` and `amend` say.

    `effective` is a UTC day or time, empty for at once; `due` a day. `applies` is empty for all
    releases, published ones too; `("next",)` for those yet to be made; else names of releases,
    `name` or `name-version`. `basis` is a code such as `gdpr-17`; `requester` a keyed digest.
    """

    subjects: tuple[Entry, ...] = ()
    scope: Scope = ALL
    effective: str = ""
    applies: tuple[str, ...] = ()
    authority: Authority = NOBODY
    basis: str = ""
    due: str = ""
    requester: str = ""

    @property
    def copies(self) -> Copies:
        """Return which copies of the subjects' content go too."""
        return self.scope.copies


NO_TERMS: Final = Terms()
_Said = TypeVar("_Said", bound=Terms)
_NAMES: Final = Terms.__struct_fields__


def terms_of(said: Terms) -> Terms:
    """Return the terms alone of what else has them."""
    return Terms(**{name: getattr(said, name) for name in _NAMES})


def tidy(said: _Said) -> _Said:
    """Put parts that equal their default in its place, since only the default itself is left out of a line."""
    scope, authority = said.scope, said.authority
    if scope == ALL:
        scope = ALL
    elif scope.copies == _FURTHEST and scope.copies is not _FURTHEST:
        scope = msgspec.structs.replace(scope, copies=_FURTHEST)
    if authority == NOBODY:
        authority = NOBODY
    if scope is said.scope and authority is said.authority:
        return said
    return msgspec.structs.replace(said, scope=scope, authority=authority)


def flaws(terms: Terms) -> Iterator[str]:
    """Yield what is wrong with terms; the values themselves are not quoted."""
    scope, authority = terms.scope, terms.authority
    if terms.effective and not is_day(terms.effective) and not is_time(terms.effective):
        yield "effective: a UTC day or time: 2026-01-31 or 2026-01-31T12:00:00Z"
    if terms.due and not is_day(terms.due):
        yield "due: a day: 2026-01-31"
    if terms.basis and not is_code(terms.basis):
        yield "basis: a code of small letters, digits and hyphens, such as gdpr-17"
    if authority.evidence and _IS_DIGEST.fullmatch(authority.evidence) is None:
        yield "authority: evidence is a SHA-256 of 64 hexadecimal digits"
    if terms.requester and _IS_PERSON.fullmatch(terms.requester) is None:
        yield "requester: a person stands in the log as a keyed digest"
    if not all(_IS_RELEASE.fullmatch(each) for each in terms.applies):
        yield "applies: releases are named `name` or `name-version`"
    if not all(_IS_LANGUAGE.fullmatch(each) for each in scope.languages):
        yield "scope: a language is a name of at most 64 characters"
    for each in (scope.kinds, scope.languages, terms.applies):
        if len(each) > 1 and list(each) != sorted(set(each)):
            yield "scope: kinds, languages and releases are sorted, each of them once"


def is_day(text: str) -> bool:
    """Say whether a text is a day of the calendar as the log spells it."""
    found = _IS_DAY.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    if month == 2:  # noqa: PLR2004  February, in the calendar of ISO 8601
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return day <= 28 + leap
    return day <= _SHORT_MONTHS.get(month, day)


def is_time(text: str) -> bool:
    """Say whether a text is a UTC time to the second as the log spells it (RFC 3339)."""
    return _IS_CLOCK.fullmatch(text[10:]) is not None and is_day(text[:10])


def is_code(text: str) -> bool:
    """Say whether a text is a short code, which free text is not."""
    return _IS_CODE.fullmatch(text) is not None


def start_of(effective: str) -> str:
    """Return the time from which a request holds; `""`, from ever, is before every time."""
    return f"{effective}T00:00:00Z" if is_day(effective) else effective


def applies_to(applies: tuple[str, ...], name: str, version: str, *, published: bool) -> bool:
    """Say whether a request holds for a release, which is `published` or yet to be made.

    A release that is named by its version stands for the patches that follow it too: a removal
    makes one.
    """
    if not applies or (not published and "next" in applies):
        return True
    return any(_is_or_precedes(each, name, version) for each in applies)


def _is_or_precedes(named: str, name: str, version: str) -> bool:
    if named in {name, f"{name}-{version}"}:
        return True
    try:
        mine, other = parse(version), parse(named.removeprefix(f"{name}-"))
    except ValueError:
        return False
    return mine[:2] == other[:2] and precedence(mine) > precedence(other)
