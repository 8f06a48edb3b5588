"""Read books of Project Gutenberg: plain text, one file a book, without the licence and credits around it."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.sources.adapter import Adapter, packed
from pipeline.sources.options import option_flaws, read_options
from pipeline.sources.publications.gutenberg_marks import Book, take_book
from pipeline.sources.publications.hard_wraps import unwrap
from pipeline.sources.publications.xml_records import day, known
from pipeline.sources.publications.xml_text import words
from pipeline.sources.records import RAW_LIMIT, Bad, BrokenStreamError, Damage, Item, Raw
from pipeline.sources.trees.bundles import PACKED, Part, parts
from pipeline.sources.trees.files import BINARY, EMPTY
from pipeline.sources.trees.members import MemberError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Reading, Said
    from pipeline.sources.file import InputFile

PUBLIC_DOMAIN: Final = "LicenseRef-scancode-public-domain"
COPYRIGHTED: Final = "LicenseRef-Gutenberg-copyrighted"
"""What stands for the terms of a book that its author lets be given away: no licence that others have."""

_FIELD: Final = re.compile(
    r"^[ \t]{0,3}(Title|Subtitle|Author|Translator|Editor|Illustrator|Language|Release Date|Posting Date"
    r"|Character set encoding|Original publication)[ \t]*:[ \t]*([^\n]*(?:\n[ \t]{2,}[^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER: Final = re.compile(r"\[[ ]?e-?(?:book|text)[ ]?\#?[ ]?([0-9]{1,7})[ ]?\]", re.IGNORECASE)
_FILE: Final = re.compile(
    r"(?:.*/)?(?:pg)?([0-9]{1,7})(?:-[0-9a-z]{1,3})?\.(?:txt|TXT)(?:\.utf-?8)?(?:\.gz|\.zst)?"
)
_COPYRIGHT: Final = re.compile(
    r"COPYRIGHTED (?:BY|PRO)|in copyright\b|^[ \t]*+\**+[ \t]*+Copyright[ \t]*+(?:\(C\)|©|[12][0-9]{3})",
    re.IGNORECASE | re.MULTILINE,
)
_ELSEWHERE: Final = re.compile(
    r"Project Gutenberg(?: of)? (?:Australia|Canada|Europe)|Projekt Gutenberg", re.IGNORECASE
)
_DATE: Final = re.compile(
    r"([A-Z][a-z]{2,8})\.?(?:[ ]+([0-9]{1,2}))?,?[ ]+([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2})"
)
_LATIN: Final = {
    "iso-8859-1",
    "iso8859-1",
    "iso latin-1",
    "latin-1",
    "latin1",
    "iso-latin-1",
    "ascii",
    "us-ascii",
}
_CODECS: Final = words(
    "cp1252 cp1250 cp1251 cp1253 cp437 cp850 iso8859-1 iso8859-2 iso8859-3 iso8859-7 iso8859-15 koi8-r big5 gb2312"
    " gbk shift_jis euc_jp euc_kr mac-roman utf-8"
)
_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9 _-]{0,40}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,30}")


class GutenbergOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[sources.options]`: whether lines of prose are joined."""

    unwrap: bool = True


def read_gutenberg(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each book: a file, or one in an archive; `line` is its number there, 1 of a file."""
    if how.wanted is not None:  # a book has no path to be looked for
        return
    options = read_options(how.said, GutenbergOptions)
    row = 0
    try:
        for part in parts(path, lambda name: name.lower().endswith(".txt")):
            yield _read_part(row, part, how.max_record, options)
            row += 1
    except BrokenStreamError as broken:
        yield Damage(row, broken.reason, broken.detail)


def _read_part(row: int, part: Part, limit: int, options: GutenbergOptions) -> Raw | Bad:
    line = max(1, part.number)
    if part.flaw or part.size > limit:
        return Bad(row, line, part.flaw or "oversize", b"", part.name)
    data = bytearray()
    try:
        for chunk in part.stream():
            data += chunk
            if len(data) > limit:
                return Bad(row, line, "oversize", bytes(data[:RAW_LIMIT]), part.name)
    except MemberError as error:
        return Bad(row, line, str(error), b"", part.name)
    try:
        text = decode(bytes(data))
    except (UnicodeDecodeError, LookupError):
        return Bad(row, line, "encoding", bytes(data[:RAW_LIMIT]), part.name)
    if "\0" in text:
        return Raw(row, line, known(id=_numbered(_file_number(part.name))), drop=BINARY)
    return make_book(row, line, part.name, text, options)


def make_book(row: int, line: int, name: str, text: str, options: GutenbergOptions) -> Raw:
    """Make the record of a book; `name` is its file's."""
    book = take_book(text)
    record = _about(book, name)
    if book.flaw:
        return Raw(row, line, record, drop=book.flaw)
    record["text"] = unwrap(book.text) if options.unwrap else book.text.strip("\n") + "\n"
    return Raw(row, line, record, drop="" if book.text.strip() else EMPTY, edited=True)


def decode(data: bytes) -> str:
    """Decode a book; line ends become line feeds.

    UTF-8 where it is that, whatever the header says: no other text is so by chance. Else what the header says;
    Latin-1 is read as Windows-1252, which has the quotation marks that people meant.

    Raises:
        UnicodeDecodeError, LookupError: it is in none of these.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode(_codec(data))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _codec(data: bytes) -> str:
    """Return the encoding that the header declares, Windows-1252 where it declares none."""
    said = {key.lower(): value for key, value in _FIELD.findall(data[:48_000].decode("latin-1"))}
    name = " ".join(said.get("character set encoding", "").split()).lower()
    name = re.sub(
        r"^(?:windows|codepage|cp)[ -]?", "cp", name.removeprefix("iso-646-us (us-").rstrip(")")
    )
    if not name or name in _LATIN or name == "utf-8":
        return "cp1252"
    if _PLAIN.fullmatch(name) is None:
        raise LookupError("no name of an encoding")
    found = codecs.lookup(name).name
    if found not in _CODECS:
        raise LookupError(found)
    return "cp1252" if found == "iso8859-1" else found


def _about(book: Book, name: str) -> dict[str, Any]:
    said = {
        key.lower(): " ".join(value.split()) for key, value in reversed(_FIELD.findall(book.header))
    }
    is_elsewhere = _ELSEWHERE.search(book.header) is not None
    number = "" if is_elsewhere else _number(book, name)
    date = said.get("release date") or said.get("posting date") or ""
    return known(
        id=_numbered(number),
        license="" if is_elsewhere or not book.header else _license(book),
        url=f"https://www.gutenberg.org/ebooks/{number}" if number else "",
        created=_date(date),
        language=_language(said.get("language", "")),
        author=said.get("author", ""),
        title=said.get("title", ""),
        authors=[said[key] for key in ("author", "translator", "editor") if said.get(key)],
    )


def _number(book: Book, name: str) -> str:
    found = _NUMBER.search(book.header)
    return _file_number(name) if found is None else str(int(found[1]))


def _file_number(name: str) -> str:
    found = _FILE.fullmatch(name)
    return "" if found is None else str(int(found[1]))


def _numbered(number: str) -> str:
    return f"PG{number}" if number else ""


def _license(book: Book) -> str:
    """Say whether a book is claimed to be in the public domain: only what nobody claims a right to."""
    around = f"{book.header}\n{book.footer[:2000]}"
    return COPYRIGHTED if _COPYRIGHT.search(around) else PUBLIC_DOMAIN


def _date(said: str) -> str:
    found = _DATE.search(said)
    if found is None:
        return ""
    return (
        day(found[4], found[5], found[6]) if found[4] else day(found[3], found[1], found[2] or "")
    )


def _language(said: str) -> str:
    """Return the one language that is named, as ISO 639-1; `""` of several."""
    return _LANGUAGES.get(said.lower(), "") if _LANGUAGE.fullmatch(said) else ""


_NAMES: Final = words(
    "english=en french=fr german=de finnish=fi dutch=nl italian=it spanish=es portuguese=pt chinese=zh greek=el",
    "swedish=sv hungarian=hu esperanto=eo latin=la danish=da tagalog=tl catalan=ca polish=pl japanese=ja",
    "norwegian=no welsh=cy czech=cs icelandic=is russian=ru hebrew=he bulgarian=bg serbian=sr korean=ko",
    "afrikaans=af romanian=ro irish=ga lithuanian=lt slovenian=sl telugu=te arabic=ar turkish=tr",
)
_LANGUAGES: Final = {name: code for each in _NAMES for name, _, code in [each.partition("=")]}


def _flaws(said: Said) -> list[str]:
    return option_flaws(said, GutenbergOptions)


ADAPTER: Final = Adapter(
    read=read_gutenberg,
    suffixes=(*packed(".txt"), *PACKED),
    options={"unwrap": "whether lines of prose that were wrapped at a width are joined"},
    flaws=_flaws,
)
