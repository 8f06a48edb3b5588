"""How a removed document and the one that it lost to are shown: side by side on a terminal, else as plain text.

What differs stands in marks, `[-only removed-]` and `{+only kept+}`, in colour too where there is
one. What is equal, or long, is folded. No character of a document steers the terminal.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import regex  # type: ignore[import-untyped]  # it ships no types
from rich.table import Table
from rich.text import Text

from pipeline.side_by_side import Kind, Piece, difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from pipeline.sample import Pair, Sample, Side

_AROUND: Final = 3  # equal lines that stay on either side of a change
_ENDS: Final[dict[Kind, int]] = {"equal": 120, "delete": 1000, "insert": 1000}
"""Characters that stay at either end of a long stretch."""
_ROWS: Final = 200
_CHANGES: Final[frozenset[Kind]] = frozenset({"delete", "insert"})
_MARKS: Final[dict[Kind, str]] = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
_STYLES: Final[dict[Kind, str]] = {"equal": "", "delete": "bold red", "insert": "bold green"}
_SPACES: Final = str.maketrans({" ": "␣", "\t": "⇥", "\n": "↵\n"})
# controls, invisible and direction characters, line separators; not the joiners that scripts need
_HIDDEN: Final = regex.compile(
    r"[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\t\n\u200c\u200d]]", regex.VERSION1
)


class Row(NamedTuple):
    """Some lines of both texts that belong together, or a note in their place."""

    pieces: tuple[Piece, ...]
    note: str = ""

    def text(self, *kinds: Kind) -> str:
        """Give the text of some kinds of pieces."""
        return "".join(piece.text for piece in self.pieces if piece.kind in kinds)

    @property
    def same(self) -> bool:
        """Tell whether nothing differs in it."""
        return all(piece.kind == "equal" for piece in self.pieces)


def as_json(pair: Pair) -> dict[str, Any]:
    """Render a pair for machines, with all of the difference."""
    pieces, cut_short = difference(pair.removed.text, pair.kept.text)
    built: dict[str, Any] = msgspec.to_builtins(pair)
    return built | {"difference": pieces, "cut_short": cut_short}


def print_pairs(sample: Sample, console: Console | None) -> None:
    """Print the pairs and, as the last line, of how many they are and what is not shown.

    Side by side on a console; without one as plain text, never wrapped.
    """
    for number, pair in enumerate(sample.pairs, 1):
        pieces, cut_short = difference(pair.removed.text, pair.kept.text)
        rows = list(_folded(_rows(pieces)))
        if cut_short:
            rows.append(Row((), "… so much differs or repeats that only part was compared …"))
        heading = f"{number} of {len(sample.pairs)}: {_verdict(pair)}"
        if console is None:
            _print_plain(heading, pair, rows)
        else:
            _print_beside(heading, pair, rows, console)
    print(closing(sample))


def closing(sample: Sample) -> str:
    """Say of how many the pairs are, and what no pair shows."""
    said = [f"{len(sample.pairs):,} of {sample.found:,} removed documents"]
    if sample.copies:
        said.append(f"{sample.copies:,} copies of opted-out documents, whose text is kept nowhere")
    if sample.textless:
        said.append(f"{sample.textless:,} that went without a kept document whose text is at hand")
    return "; not shown: ".join([said[0], ", ".join(said[1:])] if said[1:] else said)


def _verdict(pair: Pair) -> str:
    of = pair.union if pair.shingles is None else pair.shingles
    where = "" if pair.shingles is None else " in the kept one"
    counted = "" if of is None else f", {pair.shared} of {of} shingles{where or ' shared'}"
    return f"{pair.stage}, {pair.reason}{counted}"


def _named(side: Side) -> str:
    source = f"source {side.source}" if side.source else "earlier release"
    return _visible(f"{side.id}  ({source}, {side.input}#{side.row})").replace("\n", "<U+000A>")


def _print_plain(heading: str, pair: Pair, rows: list[Row]) -> None:
    print(heading)
    print(f"  removed  {_named(pair.removed)}")
    print(f"  kept     {_named(pair.kept)}")
    for row in rows:
        shown = row.note or "".join(map(_marked, row.pieces)).removesuffix("\n")
        for line in shown.split("\n"):
            print(f"  | {line}")
    print()


def _print_beside(heading: str, pair: Pair, rows: list[Row], console: Console) -> None:
    table = Table(expand=True, title=Text(heading), title_justify="left")
    for title, side in (("removed", pair.removed), ("kept", pair.kept)):
        table.add_column(Text(f"{title}  {_named(side)}"), ratio=1, overflow="fold")
    for row in rows:
        note = Text(row.note, "dim")
        table.add_row(*([note, note] if row.note else [_cell(row, "delete"), _cell(row, "insert")]))
    console.print(table)


def _cell(row: Row, own: Kind) -> Text:
    cell = Text()
    for piece in row.pieces:
        if piece.kind in ("equal", own):
            cell.append(_marked(piece), _STYLES[piece.kind])
    if cell.plain.endswith("\n"):
        cell.right_crop()
    return cell


def _rows(pieces: Iterable[Piece]) -> Iterator[Row]:
    """Cut pieces into rows wherever both texts begin a line."""
    row: list[Piece] = []
    open_sides: set[Kind] = set()  # the kinds of change whose side of the row is inside a line
    for kind, text in pieces:
        # what is equal ends a row with each of its lines, a change may take up several
        lines = text.split("\n") if kind == "equal" else [text]
        for number, line in enumerate(lines, 1):
            if row and kind == "equal" and not open_sides:
                yield Row(tuple(row))
                row = []
            end = "\n" if number < len(lines) else ""
            if line + end:
                row.append(Piece(kind, line + end))
                sides = _CHANGES if kind == "equal" else {kind}
                open_sides = open_sides - sides if row[-1].text[-1] == "\n" else open_sides | sides
    if row:
        yield Row(tuple(row))


def _folded(rows: Iterable[Row]) -> Iterator[Row]:
    """Fold runs of rows that are the same; stop where there are very many."""
    shown = [
        each
        for same, run in groupby(rows, lambda row: row.same)
        for each in (_fold(list(run)) if same else run)
    ]
    yield from shown[:_ROWS]
    if len(shown) > _ROWS:
        yield Row((), f"… {len(shown) - _ROWS:,} more rows; --json gives them all …")


def _fold(run: list[Row]) -> list[Row]:
    hidden = len(run) - 2 * _AROUND
    if hidden <= 1:
        return run
    return [*run[:_AROUND], Row((), f"… {hidden:,} lines the same …"), *run[-_AROUND:]]


def _marked(piece: Piece) -> str:
    """Spell a piece in its marks, line by line; of a change that is all spaces each one is seen."""
    text, ends = piece.text, _ENDS[piece.kind]
    hidden = len(text) - 2 * ends
    if hidden > ends:
        what = " the same" if piece.kind == "equal" else ""
        text = f"{text[:ends]} … {hidden:,} characters{what} … {text[-ends:]}"
    if piece.kind != "equal" and text.isspace():
        text = text.translate(_SPACES)
    lines = _visible(text).split("\n")
    return "\n".join(_MARKS[piece.kind].format(line) if line else "" for line in lines)


def _visible(text: str) -> str:
    """Spell characters that steer a terminal, or that nobody sees, by their numbers."""
    spelt: str = _HIDDEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
    return spelt
