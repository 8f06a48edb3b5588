"""How alike two answers are: by the rules of SQuAD, of KorQuAD 1.0 and of KorQuAD 2.0.

The rules are those of the sets' own scorers: SQuAD 1.1 (Rajpurkar et al. 2016), SQuAD 2.0 (Rajpurkar et
al. 2018), KorQuAD 1.0 (Lim et al. 2019), KorQuAD 2.0 (Kim et al. 2019).
"""

from __future__ import annotations

import re
import string
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ARTICLES: Final = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)
# What KorQuAD 1.0 takes for a gap: quotes, brackets of titles, parentheses
_GAPS: Final = str.maketrans(dict.fromkeys("'\"《》<>〈〉()‘’", " "))  # noqa: RUF001  typed quotes are meant


class Rules(NamedTuple):
    """`plain` takes away what does not count, `units` cuts what is left into what overlaps.

    With `empty` an empty answer is as good as it is equal; without, it has nothing that could overlap.
    """

    plain: Callable[[str], str]
    units: Callable[[str], Sequence[str]]
    empty: bool

    def exact(self, prediction: str, gold: str) -> bool:
        """Tell whether two answers are the same."""
        return self.plain(prediction) == self.plain(gold)

    def f1(self, prediction: str, gold: str) -> float:
        """Return the harmonic mean of precision and recall of what two answers consist of, from 0 to 1."""
        told, wanted = self.units(self.plain(prediction)), self.units(self.plain(gold))
        if self.empty and not (told and wanted):
            return float(told == wanted)
        common = (Counter(told) & Counter(wanted)).total()
        return 2 * common / (len(told) + len(wanted)) if common else 0.0


def _english(text: str) -> str:
    """Lower-case, without punctuation and articles, one space between words."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def _korean(text: str) -> str:
    """Lower-case, quotes and brackets for gaps, without ASCII punctuation; there are no articles."""
    return " ".join(text.translate(_GAPS).lower().translate(_NO_PUNCTUATION).split())


def _characters(text: str) -> str:
    return "".join(text.split())


class _Text(HTMLParser):
    """Keeps what stands between tags."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _korean_html(text: str) -> str:
    """Do as for KorQuAD 1.0 with what stands between tags."""
    parser = _Text()
    parser.feed(text)
    parser.close()
    return _characters(_korean("".join(parser.parts)))


SQUAD_1: Final = Rules(_english, str.split, empty=False)
SQUAD_2: Final = Rules(_english, str.split, empty=True)
KORQUAD_1: Final = Rules(_korean, _characters, empty=False)
KORQUAD_2: Final = Rules(_korean_html, str, empty=False)
