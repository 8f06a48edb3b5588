"""Ways of speaking: a name in a sentence about licences in general, and one that stands for a statement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from filters.licenses.notices.flat import Flat
    from filters.licenses.notices.mention import Mention

# "choosing a license: the MIT license is short, …": licences are compared, and none is granted
_COMPARED: Final = re.compile(
    r"\b(?:choos\w+|chose|pick\w*|select\w*|which|what|about|on|compar\w+|explain\w*|understand\w*|know"
    r"|discuss\w*) "
    r"(?:a|an|the|your|this|our|any)? ?(?:\w+[- ])?(?:open[- ]?source |software )?licen[cs](?:e|es"
    r"|ing)\W*(?:the |a )?$"
)
_COMPARED_AFTER: Final = re.compile(
    r"(?: licen[cs]e)?,? (?:is|has|are|was|lets|allows?|requires?|says|means|offers|gives|tends|takes)"
    r"(?: (?:a|an|the|very|more|most|one|quite|also|rather|fairly|really|both|generally|considered|much|so))*"
    r" (?:short\w*|simpl\w+|permissive|popular|common\w*|liberal|copyleft|good|better|best"
    r"|well|great|long|patent|strong|"
    r"weak|viral|people|anyone|everyone|users|us|derivative\w*|commercial|that|business\w*|restrictive"
    r"|different|similar|"
    r"like|recommended|preferred|attribution|explicit|express)\b"
)
# what others do, want or have
_GENERAL: Final = re.compile(
    r"\b(?:majority|most|many|popular|surveys?)\b[^.;\n]{0,40}\b(?:projects?|libraries|programs"
    r"|licen[cs]es|developers"
    r"|people|companies|packages)\b (?:\w+ ){0,3}(?:use|prefer|choose|indicate|say)\b"
    r"|\b(?:it seems|i'd|we'd|i wish|i want|i'm|having an?|planning|forced to|(?:different"
    r"|various) versions of)\b"
    r"[^.;\n]{0,110}$"
    r"|\byour (?:\w+ ){0,2}(?:library|project|code|work|software|package|program|application|app|repo\w*) "
    r"(?:is|was|has|will|uses)\b[^.;\n]{0,40}$"
    r"|(?:^|\n)\W*examples?: "
)
# several kinds of one licence, in brackets
_KINDS: Final = re.compile(r"^(?![^\n]*\bunder\b)[^\n]*\blicen[cs]es ?\([^)\n]*$")
# a line's end, and the name again: "MIT License / The MIT License is …"
_AGAIN: Final = re.compile(
    r"(?: licen[cs]e)?\W{0,2}(?:[:\n]| [^.\n]{3,30}\n| (?=the )) ?(?:the |an? )?"
    r"(?P<name>[\w .-]{2,40}?) (?:is|are|lets|allows|requires|permits|gives|means|was)\b"
)
# reStructuredText: .. _`MIT license`: https://…
_LINK: Final = re.compile(r"[ \t]*\.\. _`?[^:`\n]*")
# the mention has its label in it: "License: public domain"
_LABELLED: Final = re.compile(r"\W{0,3}(?:licen[cs]e|copyright|status|legal) ?[:=]")
# a new licence is the licence: what it was changed from is not
_CHANGED: Final = re.compile(
    r"\b(?:the|our|its) licen[cs]e (?:\w+ ){0,4}?(?:has|was|have|is) (?:been |now )?changed "
    r"(?:from [^.;\n]{2,40} )?to (?:the |an? )?$"
)
# "simple-concat. MIT License. Jane Doe": a name and a licence, each a sentence of its own
_AFTER_NAME: Final = re.compile(r"\W*[@\w][\w./@-]{0,60}\. ")
_ITS_SENTENCE: Final = re.compile(r"\. \w|\.?$")


def compares(before: str, after: str) -> bool:
    """Say whether the words about a name weigh licences against each other."""
    return _COMPARED.search(before) is not None or _COMPARED_AFTER.match(after) is not None


def speaks_generally(low: str, before: str, mention: Mention) -> bool:
    """Say whether a sentence tells what licences are, and who uses which."""
    if _GENERAL.search(before) is not None or _KINDS.search(before) is not None:
        return True
    again = _AGAIN.match(low, mention.end)
    name = low[mention.start : mention.end]
    return again is not None and again["name"].startswith(name[: len(name) // 2])


def names_link(flat: Flat, mention: Mention) -> bool:
    """Say whether it is the name of an address, which the words that use it say again."""
    at = flat.source(mention.start)
    start = flat.original.rfind("\n", 0, at) + 1
    return _LINK.match(flat.original, start, at) is not None


def is_labelled(low: str, mention: Mention) -> bool:
    """Say whether a mention begins with the word that makes it a statement."""
    return _LABELLED.match(low, mention.start, mention.end) is not None


def is_new(before: str) -> bool:
    """Say whether a name is that of a work's new licence."""
    return _CHANGED.search(before) is not None


def is_variable(flat: Flat, mention: Mention) -> bool:
    """Say whether a name is written as a program's own: `gpl2`."""
    name = flat.text[mention.start : mention.end]
    return name.isalnum() and name.islower()


def follows_name(before: str, tail: str) -> bool:
    """Say whether a name stands on its line as a sentence behind that of the work."""
    return _ITS_SENTENCE.match(tail) is not None and _AFTER_NAME.fullmatch(before) is not None
