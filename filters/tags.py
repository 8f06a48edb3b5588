"""The tags that make a document findable: languages, vendored, generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from filters.comments import comment_language
from filters.language import kind_of, language_name, programming_language
from filters.origin import is_generated, is_vendored
from filters.prose import language_code, natural_language

if TYPE_CHECKING:
    from filters.document import Document

# Markup that carries running text; of other markup and of all code the comments speak.
_PROSE_MARKUP: Final = frozenset(
    {"HTML", "Jupyter Notebook", "MDX", "Roff", "SubRip Text", "TeX", "WebVTT"}
)


class Tags(msgspec.Struct, frozen=True):
    """What is known about one document.

    `language` is Linguist's name for code, markup and data, else equal to `natural_language`:
    ISO 639-1, else 639-3, `und` where it cannot be told or does not apply. Of code it is the
    language of the comments.
    """

    language: str
    natural_language: str
    vendored: bool
    generated: bool


def tag(document: Document) -> Tags:
    """Tag a document by its path, its text and the language it declares.

    A declared Linguist name or ISO code is believed; an ISO code speaks of the natural language
    alone when the path names a markup or programming language.
    """
    linguist, code = _declared(document.language)
    if linguist is None:
        linguist = programming_language(document.path, document.text)
    natural = code
    if natural is None:
        natural = _spoken(linguist, document.text)
    return Tags(
        linguist if linguist is not None else natural,
        natural,
        is_vendored(document.path),
        is_generated(document.path, document.text),
    )


def _declared(language: str) -> tuple[str | None, str | None]:
    """Linguist's name and the ISO code that the declaration stands for; at most one is given."""
    if not language:
        return None, None
    code = language_code(language)
    if code is not None and language not in _SHORT_NAMES:
        return None, code
    name = language_name(language)
    return (None, None) if name is None or name == "Text" else (name, None)


# Linguist names that are ISO codes as well; in exactly this spelling they mean the former.
_SHORT_NAMES: Final = frozenset({"Io", "Ox", "Hy", "Nu", "Pan", "Boo", "Mint", "Go", "Ada", "Cue"})


def _spoken(linguist: str | None, text: str) -> str:
    if linguist is None or linguist in _PROSE_MARKUP or kind_of(linguist) == "prose":
        return natural_language(text)
    return comment_language(linguist, text)
