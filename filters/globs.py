"""Patterns over the paths of a repository: `*` stays in a folder, `**` crosses, folders cover all.

The rules are those of gitignore(5) with one exception: a pattern without wildcards is that path
from the repository's root, not a name at any depth. No pattern takes more than quadratic time.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from filters.urls import SubjectError


def canonical_glob(text: str) -> str:
    """Return the pattern with a leading `/` (from the root) or `**/` (at any depth).

    Raises `SubjectError` for a pattern that covers everything, climbs with `..`, negates or does
    not parse.
    """
    pattern = unicodedata.normalize("NFC", text.strip())
    if not pattern or re.search(r"[\x00-\x1f\\\ud800-\udfff]|\A!", pattern) is not None:
        raise SubjectError("that is no path: write it with /, as in docs/*.md")
    wild = re.search(r"[*?\[]", pattern) is not None
    rooted = "/" in pattern.rstrip("/") or not wild
    segments = [each for each in pattern.split("/") if each not in {"", "."}]
    if "".join(segments[-1:]) != "".join(segments[-1:]).rstrip():
        raise SubjectError("a path that ends in a blank: write ? for the blank")
    if ".." in segments:
        raise SubjectError("a path cannot climb out of its repository: write it from the root")
    if pattern.endswith("/"):
        segments.append("**")
    segments = segments if rooted else ["**", *segments]
    if all(not each.strip("*") for each in segments):
        raise SubjectError("that is the whole repository: write --repo alone")
    folded = [each for i, each in enumerate(segments) if segments[i - 1 : i + 1] != ["**", "**"]]
    for each in folded:
        if "[" in each:
            _segment(each)
    return "/".join(folded) if folded[0] == "**" else "/" + "/".join(folded)


def glob_matches(glob: str, path: str) -> bool:
    """Say whether a canonical pattern names the path, or a folder that the path lies in."""
    return _walk(_compiled(glob), split_path(path))


def is_literal(glob: str) -> bool:
    """Say whether a canonical pattern is one path from the root, without wildcards."""
    return re.search(r"[*?\[]", glob) is None


def split_path(path: str) -> list[str]:
    """Split a document's path at its slashes, without `.` and empty segments, as NFC."""
    path = unicodedata.normalize("NFC", path)
    return [each for each in path.split("/") if each not in {"", "."}]


@functools.lru_cache(maxsize=1 << 13)
def _compiled(glob: str) -> tuple[re.Pattern[str] | None, ...]:
    """Compile the segments; `None` is `**`, and one more at the end covers what a folder holds."""
    segments = glob.removeprefix("/").split("/")
    inside = segments[-1] == "**"
    parts = [None if each == "**" else _segment(each) for each in segments]
    return (*parts[:-1], _segment("*"), None) if inside else (*parts, None)


def _walk(parts: tuple[re.Pattern[str] | None, ...], segments: list[str]) -> bool:
    """Match segments greedily, going back to the last `**` alone: quadratic at worst."""
    part = at = 0
    star, held = -1, 0
    while at < len(segments):
        here = parts[part] if part < len(parts) else None
        if part < len(parts) and here is None:
            if part == len(parts) - 1:
                return True
            star, held = part, at
            part += 1
        elif here is not None and here.fullmatch(segments[at]) is not None:
            part += 1
            at += 1
        elif star >= 0:
            part, held = star + 1, held + 1
            at = held
        else:
            return False
    return all(each is None for each in parts[part:])


@functools.lru_cache(maxsize=1 << 13)
def _segment(glob: str) -> re.Pattern[str]:
    """Translate one segment; every `*` but the last is atomic, so nothing is tried twice."""
    tokens = re.findall(r"\*+|\?|\[[!^]?+\]?+[^\]]*\]|.", glob)
    pieces = [_token(each) for each in tokens]
    stars = [i for i, each in enumerate(pieces) if each is None]
    if not stars:
        return re.compile("".join(each or "" for each in pieces), re.DOTALL)
    ends = [*stars[1:], len(pieces)]
    runs = [
        "".join(each or "" for each in pieces[i + 1 : j]) for i, j in zip(stars, ends, strict=True)
    ]
    lead = "".join(each or "" for each in pieces[: stars[0]])
    middle = "".join(f"(?>.*?{run})" for run in runs[:-1])
    return re.compile(f"{lead}{middle}.*{runs[-1]}", re.DOTALL)


def _token(piece: str) -> str | None:
    """Translate one token; `None` is a run of stars."""
    if piece.startswith("*"):
        return None
    if piece == "?":
        return "."
    if piece == "[":
        raise SubjectError("a [ without its ]: write [[] for the bracket itself")
    if piece.startswith("[") and len(piece) > 1:
        return _bracket(piece[1:-1])
    return re.escape(piece)


def _bracket(inside: str) -> str:
    negated = inside[:1] in {"!", "^"}
    body = ""
    for low, high, single in re.findall(r"(.)-(.)|(.)", inside[negated:], re.DOTALL):
        if low > high:
            raise SubjectError("a range in brackets runs backwards: write [a-z]")
        body += re.escape(single) if single else f"{re.escape(low)}-{re.escape(high)}"
    return f"[{'^' if negated else ''}{body}]"
