# ruff: noqa: RUF001  the marks of other scripts are what this is about

"""What is spoken in subtitles: without markup, sounds and credits, one sentence or speaker a line.

The rules stand in docs/conversations.md, in this order.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.sources.conversations.tokens import joint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.sources.conversations.cues import Cue

_TAG: Final = re.compile(
    r"</?[A-Za-z][^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}|\{[A-Za-z]:[^{}\n]{0,60}\}"
)
_NOTE: Final = re.compile(r"[♩♪♫♬♭♮♯]+|\A[ ]*#+(?= )|(?<= )#+[ ]*\Z|\A#+\Z")
_SOUND: Final = re.compile(r"\[[^\[\]\n]{0,200}\]|【[^【】\n]{0,200}】")
_BRACKETS: Final = re.compile(r"\([^()\n]{0,200}\)|（[^（）\n]{0,200}）")
_SPEAKER: Final = re.compile(r"(?:[A-ZÀ-ÖØ-ÞА-Я][A-ZÀ-ÖØ-ÞА-Я0-9 .'#&-]{1,30}):(?= |\Z)")
_DASH: Final = re.compile(r"[ ]*(?:[-‐‑–—][ ]*)+(?=\S)")
# Most lines hold nothing that a rule could be about.
_PLAIN: Final = re.compile(r"[^<{\[(（【♩-♯#:\-‐-—\t\u00a0]*")
_ALONE: Final = re.compile(r"[\W_]*")
_SPACES: Final = re.compile(r"[ \t\u00a0]+")

_SITE: Final = re.compile(
    r"https?://|\bwww\.|open ?subtitles|\baddic7ed\b|\bsubscene\b|\bpodnapisi\b|\byify\b|\byts\.\w\w"
    r"|advertise your product|support us and become|please rate this subtitle",
    re.IGNORECASE,
)
_CREDIT: Final = re.compile(
    r"\b(?:sub(?:title|bing|bed)?s?|captions?|captioned|captioning|transcripts?|translated|translation|sync(?:ed|hro)?"
    r"|synchroni[sz]ed|re-?sync(?:ed)?|corrected|corrections|adaptation|ripped|encoded|timing|sous-titres|sous-titrage"
    r"|traduction|untertitel|übersetzung|subtítulos|traducción|traducido|legendas?|legendado|tradução|sottotitoli"
    r"|traduzione|ondertiteling|vertaling|napisy|tłumaczenie|titulky|překlad|felirat|fordította|subtitrarea?|traducerea?"
    r"|prevod|prijevod|altyazı|çeviri|undertekster?|översättning|oversættelse|tekstitys|suomennos|субтитры|перевод"
    r"|субтитри|превод|переклад)\b[^.?!\n]{0,40}?(?::|\b(?:by|von|par|por|de|da|di|door|av|od)\b)"
    r"|[字幕翻译翻譯校对校對制作]{2,}[^。！？\n]{0,10}[:：]|\b[\w-]{1,63}\.(?:com|net|org|tv|info|ru|cz|pl|hu|ro|it|de|fr)\b",
    re.IGNORECASE,
)
_EDGE: Final = 5  # cues at each end in which credits stand
_ENDS: Final = re.compile(r"[.!?…。！？｡؟।:]+[\"'”’»」』)\]]*\Z")
_TAIL: Final = 16  # characters in which a sentence ends
_PAIRS: Final = ("()", "[]", "（）", "【】")
_BROKEN: Final = 3  # lines over which a bracket goes
_FEW: Final = 0.1
"""Share of lines that end a sentence below which nobody wrote full stops: each line stays one."""
_LONGEST: Final = 500  # characters of a line that goes on growing


class Turn(NamedTuple):
    """A line that is spoken. `new`: by another speaker than the line before; `ends`: none goes on from it."""

    text: str
    new: bool
    ends: bool


class Spoken:
    """Gathers what is spoken; `left_out` counts what is not, by kind."""

    def __init__(self, *, sounds: bool = False) -> None:
        self.left_out: Counter[str] = Counter()
        self._sounds = sounds

    def of_cues(self, cues: Sequence[Cue]) -> str:
        """Return the text of cues; one that goes on showing what the cue before it showed says nothing new."""
        turns: list[Turn] = []
        last: Cue | None = None
        for at, cue in enumerate(cues):
            lines = list(cue.lines)
            if self._is_credit(lines, is_edge=at < _EDGE or at >= len(cues) - _EDGE):
                self.left_out["credits"] += 1
                continue
            again = last is not None and lines and cue.lines == last.lines and cue.start <= last.end
            last = cue
            if again:
                self.left_out["repeated"] += 1
                continue
            turns += self._turns(_unbroken(lines))
        return "\n".join(_sentences(turns))

    def of_sentences(self, sentences: Sequence[str]) -> str:
        """Return the text of sentences, each on a line of its own."""
        kept: list[str] = []
        for at, each in enumerate(sentences):
            if self._is_credit([each], is_edge=at < _EDGE or at >= len(sentences) - _EDGE):
                self.left_out["credits"] += 1
                continue
            kept += [turn.text for turn in self._turns([each])]
        return "\n".join(kept)

    def _is_credit(self, lines: list[str], *, is_edge: bool) -> bool:
        text = _TAG.sub("", " ".join(lines))
        return _SITE.search(text) is not None or (is_edge and _CREDIT.search(text) is not None)

    def _turns(self, lines: Iterable[str]) -> Iterator[Turn]:
        """Clean the lines of a cue; a dash or a name begins another speaker's, and a song's line stands alone."""
        for line in lines:
            if _PLAIN.fullmatch(line) is not None and "  " not in line:
                text = line.strip()
                if _ALONE.fullmatch(text) is None:
                    yield Turn(text, False, _ends(text))
                continue
            text, sung = _NOTE.subn(" ", _TAG.sub("", line))
            if not self._sounds:
                text = self._without_sounds(text)
            text = _SPACES.sub(" ", text).strip()
            dash = _DASH.match(text)
            new = dash is not None
            text = text if dash is None else text[dash.end() :]
            speaker = None if self._sounds else _SPEAKER.match(text)
            if speaker is not None:
                self.left_out["speakers"] += 1
                text, new = text[speaker.end() :].lstrip(), True
            if _ALONE.fullmatch(text) is None:
                yield Turn(text, new or sung > 0, sung > 0 or _ends(text))

    def _without_sounds(self, text: str) -> str:
        """Leave out what is said of sounds to those who do not hear them."""
        less, square = _SOUND.subn(" ", text)
        whole = less.strip(" -–—")
        counts = Counter[bool]()

        def silent(found: re.Match[str]) -> str:
            is_sound = found[0] == whole or _is_loud(found[0])
            counts[is_sound] += 1
            return " " if is_sound else found[0]

        less = _BRACKETS.sub(silent, less)
        self.left_out["sounds"] += square + counts[True]
        return less


def _unbroken(lines: list[str]) -> Iterator[str]:
    """Put the lines together over which a bracket goes; one that nothing closes in its cue is left alone."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        whole = " ".join(held)
        if not any(whole.count(opens) > whole.count(closes) for opens, closes in _PAIRS):
            yield whole
            held.clear()
        elif len(held) > _BROKEN:
            yield from held
            held.clear()
    yield from held


def _is_loud(text: str) -> bool:
    """Tell what is in capitals; a small l among them is an I that a machine read."""
    text = text.replace("l", "I")
    return text.upper() == text != text.lower()


def _ends(line: str) -> bool:
    return _ENDS.search(line[-_TAIL:]) is not None


def _sentences(turns: list[Turn]) -> Iterator[str]:
    """Put lines together until a sentence ends, a speaker does, or the line is long enough."""
    if sum(each.ends for each in turns) < _FEW * len(turns):
        yield from (each.text for each in turns)
        return
    line, ended = "", False
    for each in turns:
        if line and (each.new or ended or len(line) > _LONGEST):
            yield line
            line = ""
        line += joint(line, each.text) + each.text
        ended = each.ends
    if line:
        yield line
