"""Find the one certain place of an answer in its context, whatever its start was counted in."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from filters.normalise import OffsetMap, nfc

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEAR: Final = 3  # code points that a start may be off by


class Page(NamedTuple):
    """A context as it stands in the file, its NFC, and the way from one to the other."""

    raw: str
    text: str
    change: OffsetMap


class Placed(NamedTuple):
    """A span of the NFC context and how it was found, `""` where the start was right."""

    start: int
    end: int
    how: str


def page_of(context: str) -> Page:
    """Prepare a context, once for all of its answers."""
    return Page(context, *nfc(context))


def locate(page: Page, text: object, start: object) -> Placed | str:
    """Place an answer in the NFC context, or give the reason that it has no certain place.

    A `start` that does not lead to `text` is repaired only where it is certain: every reading
    of it that fits gives one and the same span. The readings are `bytes` and `utf-16` offsets,
    offsets of the context's other normal form (`nfc`, `nfd`) and `near`, the only occurrence
    within a few code points. Without a start (`None`) the text must occur once (`only`).
    Anything else is `qa:span`; a span that cuts a composed cluster, and so has no place in the
    NFC context, is `qa:cut-cluster`.
    """
    if not isinstance(text, str) or not text.strip():
        return "qa:empty-answer"
    if start is None:
        return _one({(span, "only") for span in _everywhere(page, text)})
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        return "qa:span"
    if page.raw.startswith(text, start):
        moved = page.change.forward(start, start + len(text))
        return "qa:cut-cluster" if moved is None else Placed(*moved, "")
    return _one({(span, how) for how, span in _readings(page, text, start) if span is not None})


def _one(found: set[tuple[tuple[int, int], str]]) -> Placed | str:
    """Take the span if all that was found agrees on it."""
    spans = {span for span, _ in found}
    if len(spans) != 1:
        return "qa:span"
    return Placed(*spans.pop(), min(how for _, how in found))


def _everywhere(page: Page, text: str) -> Iterator[tuple[int, int]]:
    """Give each place of `text` in the NFC context, whatever normal form the two came in."""
    wanted = nfc(text)[0]
    return _occurrences(page.text, wanted, 0, len(page.text))


def _occurrences(text: str, wanted: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the spans of `wanted` that begin in `[start, end)`, overlapping ones too."""
    at = text.find(wanted, start)
    while 0 <= at < end:
        yield at, at + len(wanted)
        at = text.find(wanted, at + 1)


def _readings(page: Page, text: str, start: int) -> Iterator[tuple[str, tuple[int, int] | None]]:
    """Give the NFC span that each other meaning of `start` leads to, where it leads to `text`."""
    for how, encoding, unit in (("bytes", "utf-8", 1), ("utf-16", "utf-16-le", 2)):
        encoded = page.raw.encode(encoding)
        if encoded.startswith(text.encode(encoding), start * unit):
            at = len(encoded[: start * unit].decode(encoding))
            yield how, page.change.forward(at, at + len(text))
    for how in ("nfc", "nfd"):
        form = unicodedata.normalize(how.upper(), page.raw)  # type: ignore[arg-type]
        wanted = unicodedata.normalize(how.upper(), text)  # type: ignore[arg-type]
        if form.startswith(wanted, start):
            yield how, nfc(form)[1].forward(start, start + len(wanted))
    low = max(start - _NEAR, 0)
    for first, end in _occurrences(page.raw, text, low, start + _NEAR + 1):
        yield "near", page.change.forward(first, end)
