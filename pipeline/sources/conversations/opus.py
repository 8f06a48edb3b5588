"""Subtitles as OPUS has them (opus.nlpl.eu): XML with sentences, cut into words or not, and what is known of the film.

A document that declares a type or an entity is refused, and nothing outside it is ever looked at.
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

MAX_DEPTH: Final = 32
"""Elements in each other; OPUS has four."""

_KNOWN: Final = {
    "subtitle": {"date", "machine_translated"},
    "source": {"year", "genre", "country", "original"},
}
_LONGEST: Final = 200  # characters of what is known of a film
_SPACES: Final = re.compile(r"\s+")
_CHUNK: Final = 1 << 16


class RefusedError(Exception):
    """It is no such document: broken, or with what none has."""


class Opus:
    """A parsed document: `sentences`, each in its words or whole, and `about` the film and the subtitles."""

    def __init__(self) -> None:
        self.sentences: list[list[str] | str] = []
        self.about: dict[str, str] = {}
        self._open: list[str] = []
        self._words: list[str] = []
        self._pieces: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def parse(self, data: bytes) -> None:
        """Parse a whole document.

        Raises:
            RefusedError: it is none.
        """
        try:
            for at in range(0, len(data), _CHUNK):
                self._parser.Parse(data[at : at + _CHUNK], False)
            self._parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise RefusedError("xml") from error

    def _start(self, name: str, _: dict[str, str]) -> None:
        if not self._open and name not in {"document", "letsmt"}:
            raise RefusedError("shape:subtitles")
        self._open.append(name)
        if len(self._open) > MAX_DEPTH:
            raise RefusedError("depth")
        if name == "s":
            self._words, self._pieces = [], []
        elif name == "w" or (name != "time" and "s" not in self._open):
            self._pieces = []
        elif name == "time" and "w" not in self._open:
            self._pieces.append(" ")  # a cue ends where the line does

    def _text(self, text: str) -> None:
        self._pieces.append(text)

    def _end(self, name: str) -> None:
        text = _SPACES.sub(" ", "".join(self._pieces)).strip()
        self._open.pop()
        if name == "w":
            self._words += [text] if text else []
            self._pieces = []
        elif name == "s":
            if self._words or text:
                self.sentences.append(self._words or text)
            self._pieces = []
        elif "meta" in self._open and self._open and name in _KNOWN.get(self._open[-1], ()):
            self.about.setdefault(name, text[:_LONGEST])

    def _refuse(self, *_: object) -> None:
        raise RefusedError("xml")
