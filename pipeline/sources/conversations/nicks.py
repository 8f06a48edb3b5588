"""People in a conversation under nicks: who is one person, and what each is called in the document.

Nicks stand in a document as `user1`, `user2` in the order in which they first appear there, so that nobody is known
from one document in another; where others speak of them as well, as far as that can be told from other words.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.sources.conversations.irc_lines import Line

# RFC 2812, section 2.1 has letters, digits and these; networks allow others, and bridges add [m].
_WORD: Final = re.compile(r"[^\s<>()\"',:;!?/=@&*#]{3,}")  # shorter nicks are words too often
_ADDRESSED: Final = re.compile(r"@?([^\s<>()\"',:;!?/=@&*#]{1,64})[:,](?= |\Z)")
_FOLDED: Final = str.maketrans("[]\\^", "{}|~")  # RFC 2812, section 2.2: these are one letter each
_LONGEST: Final = 64  # characters of a nick; servers allow 9 to 32
_ORDINARY: Final = 5


@functools.lru_cache(1 << 14)
def fold(nick: str) -> str:
    """Spell a nick as servers compare it; no longer word is asked for."""
    return nick.lower().translate(_FOLDED)


class People:
    """The people of a document. Whoever takes another nick is the same person."""

    def __init__(self, lines: Iterable[Line], *, numbered: bool) -> None:
        self._numbered = numbered
        self._lines = list(lines)
        self._same: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        for each in self._lines:
            if each.nick:
                self._same.setdefault(fold(each.nick), fold(each.nick))
            if each.new:
                self._same.setdefault(fold(each.new), self.person(each.nick))
        self._ordinary = self._words() if numbered else frozenset[str]()

    def person(self, nick: str) -> str:
        """Return the first nick of the person that has this one."""
        return self._same.get(fold(nick), fold(nick))

    def speakers(self) -> list[str]:
        """Return all nicks of those who speak, sorted, as servers compare them."""
        speak = {self.person(each.nick) for each in self._lines if each.kind in {"talk", "action"}}
        return sorted(nick for nick, person in self._same.items() if person in speak)

    def spell(self, line: Line) -> str:
        """Spell what was said as one line of the document."""
        nick = self._called(line.nick) if self._numbered else line.nick
        text = self._without_nicks(line.text) if self._numbered else line.text
        return f"<{nick}> {text}" if line.kind == "talk" else f"* {nick} {text}"

    def _called(self, nick: str) -> str:
        person = self.person(nick)
        return f"user{self._numbers.setdefault(person, len(self._numbers) + 1)}"

    def _without_nicks(self, text: str) -> str:
        """Give those who are spoken of their names in this document."""
        addressed = _ADDRESSED.match(text)
        end = 0
        if addressed is not None and fold(addressed[1]) in self._same:
            end = addressed.end()
            head = self._called(addressed[1]) + text[end - 1]
        else:
            head = ""
        return head + _WORD.sub(self._mentioned, text[end:])

    def _mentioned(self, word: re.Match[str]) -> str:
        bare = word[0].rstrip(".")
        nick = fold(bare) if len(bare) <= _LONGEST else ""
        known = nick in self._same and nick not in self._ordinary
        return self._called(bare) + word[0][len(bare) :] if known else word[0]

    def _words(self) -> frozenset[str]:
        """Find the nicks that are words as well: they stand in what is said far more often than anybody means them."""
        mentioned: Counter[str] = Counter()
        meant: Counter[str] = Counter()
        for each in self._lines:
            meant[fold(each.nick)] += each.kind in {"talk", "action"}
            if not each.text:
                continue
            addressed = _ADDRESSED.match(each.text)
            if addressed is not None:
                meant[fold(addressed[1])] += 1
            rest = each.text[0 if addressed is None else addressed.end() :]
            words = (
                fold(word.rstrip(".")) for word in _WORD.findall(rest) if len(word) <= _LONGEST
            )
            mentioned.update(word for word in words if word in self._same)
        return frozenset(
            nick for nick, count in mentioned.items() if count > _ORDINARY + 2 * meant[nick]
        )
