"""Tell where a domain name ends and whether it is one that somebody can receive mail at."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import Final

# Last labels after which an address may be glued to more text, or be followed by a bracket: none
# of them is the name of an attribute, a method or a kind of file.
_FIRM_TEXT: Final = """
    au biz br ca ch cn com cz de dk edu es eu fi fr gov hk jp kr mil net nl org ru se tw uk us
"""
FIRM: Final = frozenset(_FIRM_TEXT.split())
# Delegated names that are as common as names of attributes, methods or kinds of files in code.
_CODE_WORDS_TEXT: Final = """
    app as at box call case cc cat channel click cloud codes contact data date day dev do dot
    email events farm field fit foo gallery global group how id in info int is it java link like
    live loan map market md media menu ml mm mov name network new next no now one open page parts
    pay pics pid pin ping play plus post prod properties ps py read report rest review rip rs
    run save science search select sh show site skin so solutions space spot storage store stream
    study style support systems tab target team to today tools top total training tube vision
    watch weather win work works world xyz you zero zip zone
"""
_CODE_WORDS: Final = frozenset(_CODE_WORDS_TEXT.split())
# Names that stand for the object at hand or for any matrix; names of types
_CODE_NAME: Final = re.compile(r"(?:self|this|cls|np|torch)(?:\.\w+)*|[A-Za-z]\d?(?:\.T)?")
_CAMEL: Final = re.compile(r"[A-Za-z]*[A-Z][A-Za-z]*[a-z][A-Za-z]*")

# RFC 2606 and RFC 6761: domains that nobody can own, and what people write in their place
_RESERVED: Final = re.compile(
    r"(?:^|[.-])examples?\d?(?:[.-]|$)"
    r"|(?:^|\.)(?:your|my|some|any|other|the)[-_]?(?:own)?[-_]?"
    r"(?:domain|company|org|organi[sz]ation|e?-?mail|site|host|server|website|business|app)"
    r"(?:[-_]?(?:name|here))?\d?\."
    r"|(?:^|\.)(?:domain|host|server)\.(?:tld|name)$"
)
_STAND_IN: Final = re.compile(
    r"(?:domain|company|e?-?mail|test|foo|bar|baz|host|server|site|website|abc|xyz|aaa|xxx+|[a-z])\d?"
    r"\.(?:com|org|net|bar|foo|io|co|edu)"
)
_NOBODY: Final = re.compile(
    r"(?:user|username|your?|your?[-_. ]?(?:user)?(?:e?-?mail|name|address|id)|e?-?mail|e?-?mail[-_.]?address|"
    r"name|my[-_.]?(?:e?-?mail|name)|me|some(?:one|body)|foo|bar|baz|qux|test|testing|tester|test[-_.]?user|"
    r"abc|xyz|aaa|bbb|xxx+|[a-z]|first(?:[-_.]?name)?[-_.]?last(?:[-_.]?name)?|example|sample|dummy|demo|"
    r"nobody|noone|address|local|recipient|sender|to|from|user[-_.]?name|foo[-_.]?bar)\d{0,3}"
)
# A last label that runs into a word in another script, or in capitals
_GLUED: Final = re.compile(r"[a-z]{2,24}(?:(?=([^\x00-\x7f]))|(?=[A-Z][a-z]))")


@cache
def top_level() -> frozenset[str]:
    """Return the last labels that domains have, in lower case; the Unicode form of others.

    They are the last labels of the Public Suffix List's first part (https://publicsuffix.org/list/),
    which follows the root zone; `publicsuffixlist` ships it.
    """
    text = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    icann = text.partition("===BEGIN PRIVATE DOMAINS===")[0]
    rules = (line.strip() for line in icann.splitlines())
    return frozenset(
        rule.rpartition(".")[2] for rule in rules if rule and not rule.startswith("//")
    )


@lru_cache(maxsize=1 << 12)
def domain_end(domain: str) -> int:
    """Return how many code points of a run of dotted labels are a domain name; 0 where none are.

    Text may follow a domain without a gap: a particle (`corp.co.kr` + Hangul), the next sentence.
    """
    end = len(domain)
    for cut in range(8):
        dot = domain.rfind(".", 0, end)
        if dot <= 0:
            return 0
        size = _label_end(domain[dot + 1 : end], firm=cut > 0)
        if size > 0 and not _is_sentence(domain, dot):
            return dot + 1 + size
        end = dot
    return 0


def _is_sentence(domain: str, dot: int) -> bool:
    """Tell whether a capital after the dot begins a sentence: `acme.com.Next`."""
    top = domain[:dot].rpartition(".")
    return top[2] in FIRM and top[1] != "" and domain[dot + 1].isupper()


def _label_end(label: str, *, firm: bool) -> int:
    """Return how much of a label is a last one."""
    folded = label.lower()
    if folded in (FIRM if firm else top_level()) or folded.startswith("xn--"):
        return len(label)
    ascii_part = _GLUED.match(label)
    if ascii_part is not None and ascii_part[0] in (FIRM if ascii_part[1] is None else top_level()):
        return ascii_part.end()
    if folded.isascii():
        return 0
    return next((n for n in range(min(len(folded), 12), 1, -1) if folded[:n] in top_level()), 0)


@lru_cache(maxsize=1 << 12)
def is_reserved(domain: str) -> bool:
    """Tell whether a domain is one of documentation, or a stand-in for the reader's own."""
    return _RESERVED.search(domain.lower()) is not None


def is_stand_in(local: str, domain: str) -> bool:
    """Tell whether both halves of an address are stand-ins: nobody's mailbox."""
    return (
        _STAND_IN.fullmatch(domain.lower()) is not None
        and _NOBODY.fullmatch(local.lower()) is not None
    )


def is_code(local: str, domain: str) -> bool:
    """Tell whether `local@domain` reads as code: a matrix product, a label, a version, an asset."""
    labels = domain.split(".")
    top = labels[-1]
    if re.fullmatch(r"v?\d{1,5}x?", labels[0]) is not None and all(
        x.isdigit() for x in labels[1:-1]
    ):
        return top.lower() not in FIRM or labels[0][0] == "v"
    if local in ("this", "super", "return"):
        return True
    if top.lower() not in _CODE_WORDS or domain.isupper():
        return False
    if local[-1:] in "-_=" and any(_CAMEL.fullmatch(label) for label in labels):
        return True  # a value put into an attribute by a template: `id="row-@Model.Id"`
    return all(_CODE_NAME.fullmatch(part) for part in (local, labels[0]))
