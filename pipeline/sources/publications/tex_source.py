r"""Put a paper's TeX together: the main file, what it includes of its own archive, no comments.

What TeX takes as it stands (`verbatim`, `\verb`) is kept aside under a number, so that nothing later reads it.
"""

from __future__ import annotations

import json
import posixpath
import re
from typing import Final

MAX_DEPTH: Final = 20
"""Files that include each other in a row; TeX itself stops at some hundred."""
MAX_INCLUDES: Final = 2000
"""Files that a paper includes, one counted as often as it is."""

# An escaped character is a token, so that neither `\\%` nor `\\\\` begins anything.
_TOKEN: Final = re.compile(
    r"\\begin[ ]?\{(?P<name>verbatim\*?|Verbatim\*?|lstlisting|minted|alltt|comment|filecontents\*?)\}"
    r"|\\(?:verb|lstinline)\*?(?P<mark>[^A-Za-z\s*{])|\\.|(?P<comment>%[^\n]*(?:\n[ \t]*)?)",
    re.DOTALL,
)
_INCLUDE: Final = re.compile(
    r"\\(?:input|include|subfile|subfileinclude|import|subimport)(?![A-Za-z@])[ \t]*+"
    r"(?:\{(?P<one>[^{}\n]{1,300})\}(?:\{(?P<two>[^{}\n]{1,300})\})?|(?P<bare>[^\s{}\\%]{1,300}))"
)
_CLASS: Final = re.compile(
    r"\\document(?:class|style)[ \t\n]*+(?:\[[^\]]{0,2000}\])?[ \t\n]*+\{([^{}]{1,200})\}"
)
_PART: Final = frozenset({"subfiles", "standalone"})
_TOPLEVEL: Final = re.compile(r"^[ \t]*(\S{1,300})[ \t]+toplevelfile", re.MULTILINE)
_PLAIN: Final = re.compile(
    r"\\(?:bye|end)(?![A-Za-z{])|\\input[ ]+(?:ams|harv|phyz|lanl)mac|\\magnification"
)
_PLACE: Final = re.compile("\x00([0-9]{1,9})\x01")
_NESTED: Final = 3  # what is verbatim stands in a formula, and that in a box
_DROPPED: Final = frozenset({"comment", "filecontents", "filecontents*"})


class Kept:
    """What stands for itself, by number: a place for it is U+0000, the number, U+0001."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def put(self, piece: str) -> str:
        """Keep a piece; return what stands for it."""
        self._pieces.append(piece)
        return f"\0{len(self._pieces) - 1}\1"

    def restore(self, text: str, most: int) -> str | None:
        """Put back what was kept, of which a piece may hold others; `None` where that has over `most` characters."""
        for _ in range(_NESTED):
            found = [int(each) for each in _PLACE.findall(text)]
            if not found:
                break
            sizes = (len(self._piece(each)) for each in found)
            if len(text) + sum(sizes) > most:
                return None
            text = _PLACE.sub(lambda each: self._piece(int(each[1])), text)
        return text.replace("\0", "").replace("\1", "")

    def _piece(self, number: int) -> str:
        return self._pieces[number] if number < len(self._pieces) else ""


def without_comments(text: str, kept: Kept) -> str:
    """Leave out comments, and keep aside what is verbatim."""
    done: list[str] = []
    at, absent = 0, set()
    while (found := _TOKEN.search(text, at)) is not None:
        done.append(text[at : found.start()])
        at = found.end()
        name = found["name"]
        if found["comment"] is not None:
            done.append(
                "\n" if text[at : at + 1] == "\n" else ""
            )  # an empty line behind it ends the paragraph
        elif name is not None and name not in absent:
            close = f"\\end{{{name}}}"
            stop = text.find(close, at)
            if stop < 0:
                absent.add(name)
                continue
            whole = text[at:stop].strip("\n")
            done.append("" if name in _DROPPED else f"\n\n{kept.put(whole)}\n\n")
            at = stop + len(close)
        elif found["mark"] is not None:
            stop = text.find(found["mark"], at, at + 1000)
            stop = -1 if "\n" in text[at : max(at, stop)] else stop
            done.append(found[0] if stop < 0 else kept.put(text[at:stop]))
            at = at if stop < 0 else stop + 1
        else:
            done.append(found[0])
    return "".join([*done, text[at:]])


def find_main(files: dict[str, str], readme: dict[str, str]) -> str:
    """Return the name of the file that TeX would be given; `""` if there is none.

    What the submission says of itself counts (`00README`), else the longest of the files with a document
    class, including what they include, else the longest one in plain TeX.
    """
    told = _told(readme)
    classes = {
        name: found[1] for name, text in files.items() if (found := _CLASS.search(text)) is not None
    }
    mains = [name for name in classes if classes[name].strip() not in _PART]
    named = [name for name in told if name in files]
    plain = [name for name, text in files.items() if _PLAIN.search(text) is not None]
    candidates = named[:1] or mains or plain
    whole = len(candidates) <= _CANDIDATES
    sizes = {name: _length(name, files) if whole else len(files[name]) for name in candidates}
    return max(sizes, key=lambda name: (sizes[name], name), default="")


_CANDIDATES: Final = 20  # files with a document class that are put together to find the longest


def _length(name: str, files: dict[str, str]) -> str:
    return (
        files[name] if len(files) > MAX_INCLUDES else include(name, files, 4 << 20) or files[name]
    )


def _told(readme: dict[str, str]) -> list[str]:
    told: list[str] = []
    for name, text in sorted(readme.items()):
        if not name.endswith(".json"):
            told += _TOPLEVEL.findall(text)
            continue
        try:
            sources = json.loads(text)["sources"]
            told += [
                each["filename"] for each in sources if each.get("usage", "toplevel") == "toplevel"
            ]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return [each for each in told if isinstance(each, str)]


def include(main: str, files: dict[str, str], limit: int) -> str:
    """Return the main file with all that it includes; `""` if that has over `limit` characters.

    Names are only looked up among `files`: none leads anywhere else. A file that is on the way to itself is
    left out, and so is what goes deeper or further than any paper.
    """
    folder = posixpath.dirname(main)
    left = [limit, MAX_INCLUDES]

    def read(name: str, way: tuple[str, ...]) -> str:
        pieces, at, text = [], 0, files[name]
        left[0] -= len(text)
        for found in _INCLUDE.finditer(text):
            wanted = _resolve(found, folder, posixpath.dirname(name), files)
            if wanted == "" or wanted in way or len(way) >= MAX_DEPTH or min(left) <= 0:
                continue
            left[1] -= 1
            pieces += [text[at : found.start()], "\n", _body(read(wanted, (*way, wanted))), "\n"]
            at = found.end()
        return "".join([*pieces, text[at:]])

    text = read(main, (main,))
    return "" if left[0] < 0 else text


def _body(text: str) -> str:
    """Return what a part has between its own begin and end of a document, where it has such."""
    begin = text.find(r"\begin{document}") if _CLASS.search(text) else -1
    return text if begin < 0 else text[begin + 16 :].partition(r"\end{document}")[0]


def _resolve(found: re.Match[str], folder: str, here: str, files: dict[str, str]) -> str:
    said = found["one"] or found["bare"] or ""
    if found["two"] is not None:
        said = posixpath.join(said, found["two"])
    for start in (folder, here):
        name = posixpath.normpath(posixpath.join(start, said.strip().strip('"')))
        for end in ("", ".tex", ".ltx"):
            if name + end in files:
                return name + end
    return ""
