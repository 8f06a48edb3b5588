"""Templates of documents: a slot for a value, a slot for its name, and filler drawn by a seed.

`§` is the value, `¶` its name in the style of the template, `⟨host⟩` and the like are filler. A module
of contexts holds one raw string; each template begins with a line `=== kind/id | style | fit | role`.
"""

# ruff: noqa: SIM905  # a list of words reads as a line

from __future__ import annotations

import re
import string
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from redaction_cases.case import Case, Half, Label, Value, half_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

ALPHABETS: Final = {
    "an": string.ascii_letters + string.digits,
    "low": string.ascii_lowercase + string.digits,
    "up": string.ascii_uppercase + string.digits,
    "let": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "dig": string.digits,
    "nz": "123456789",
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "b32": string.ascii_uppercase + "234567",
    "b58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "b64": string.ascii_letters + string.digits + "+/",
    "url": string.ascii_letters + string.digits + "-_",
    "tilde": string.ascii_letters + string.digits + "-_.~",
    "bech": "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
    "BECH": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}
# what a value may hold where it stands: in quotes, unquoted, in a URL, in markup, anywhere
FITS: Final = {
    "str": re.compile(r"[^\"'`\\\n{}]+"),
    "word": re.compile(r"[^\"'`\\\s{}]+"),
    "bare": re.compile(r"[\w+/][\w\-+/=.!^*@~?:]*"),
    "url": re.compile(r"[\w\-.~!*]+"),
    "xml": re.compile(r"[^<>&\"'\\\s{}]+"),
    "any": re.compile(r"\S+"),
}
_MACRO: Final = re.compile(r"([{⟨])(\w+)(?::(\d+)(?:-(\d+))?)?[}⟩]")
_SLOT: Final = re.compile("([§¶])")
_UUID: Final = (8, 4, 4, 4, 12)

WORDS: Final = (
    "alpha anchor basket beacon billing bridge canary carbon cedar cobalt copper coral delta ember falcon "
    "fern gateway glacier harbor hazel indigo inventory jasper kernel lantern ledger lumen maple meadow "
    "mercury nimbus onyx orchard orders otter payments pebble pine quartz quill ranger raven report ridge "
    "river saffron sentry shipping sierra spruce summit sundial tango timber topaz tundra umber valley "
    "velvet vertex walnut warehouse willow zephyr"
).split()
NAMES: Final = (
    "amelia ana aisha benoit bora carla chen dmitri elena emre fatima felix giulia hana hugo ines ivan jonas "
    "julia kenji lars leila lukas marta mateo mina nadia nikhil olga oscar paula priya rafael sara "
    "soren tomas uma viktor wei yusuf zoe"
).split()
SURNAMES: Final = (
    "abe alves baker bauer bianchi castro dubois eriksson fischer garcia haddad hansen ito jansen kaya keller kim "
    "kowalski larsen laurent lopez mehta moreau nakamura novak okafor park petrov rossi santos schmidt silva "
    "suzuki tanaka thomsen varga volkov wagner weber yilmaz zhang"
).split()
TLDS: Final = (
    "com",
    "net",
    "org",
    "io",
    "dev",
    "de",
    "fr",
    "co.uk",
    "co.kr",
    "jp",
    "com.br",
    "ru",
    "app",
)


class Template(NamedTuple):
    """A text with slots, the style of names in it, what fits there, and what sort of value goes there."""

    id: str
    style: str
    fit: str
    role: str
    text: str

    @property
    def half(self) -> Half:
        """Say which half of the benchmark it belongs to."""
        return half_of(self.id)

    @property
    def named(self) -> bool:
        """Tell whether it has a slot for a name."""
        return "¶" in self.text

    def takes(self, value: str) -> bool:
        """Tell whether a value may stand in the slot."""
        return FITS[self.fit].fullmatch(value) is not None


def draw(rng: Random, alphabet: str, size: int) -> str:
    """Draw characters of an alphabet."""
    return "".join(rng.choices(ALPHABETS[alphabet], k=size))


def domain(rng: Random) -> str:
    """Make a domain that is none of the reserved ones."""
    return f"{rng.choice(WORDS)}-{rng.choice(WORDS)}{rng.choice(('', '', 's', 'ly'))}.{rng.choice(TLDS)}"


def fill(rng: Random, text: str) -> str:
    """Replace every macro, `{an:36}`, `{hex:32-40}`, `⟨host⟩`, by what it stands for."""
    return _MACRO.sub(lambda match: _one(rng, match), text)


def _one(rng: Random, match: re.Match[str]) -> str:
    name = match[2]
    if name in ALPHABETS and match[3]:
        return draw(rng, name, rng.randint(int(match[3]), int(match[4] or match[3])))
    if name == "uuid":
        return "-".join(draw(rng, "hex", size) for size in _UUID)
    return _filler(rng, name) if match[1] == "⟨" else match[0]


def _filler(rng: Random, name: str) -> str:
    makers: dict[str, Callable[[Random], str]] = {
        "user": lambda rng: rng.choice(NAMES),
        "name": lambda rng: f"{rng.choice(NAMES).title()} {rng.choice(SURNAMES).title()}",
        "host": lambda rng: (
            f"{rng.choice(WORDS)}.{rng.choice(WORDS)}.{rng.choice(('local', 'svc', 'lan'))}"
        ),
        "domain": domain,
        "date": lambda rng: (
            f"20{rng.randint(18, 25)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        ),
        "time": lambda rng: (
            f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
        ),
        "word": lambda rng: rng.choice(WORDS),
    }
    return makers[name](rng)


_STYLES: Final[dict[str, Callable[[tuple[str, ...]], str]]] = {
    "snake": "_".join,
    "camel": lambda words: words[0] + "".join(map(str.capitalize, words[1:])),
    "pascal": lambda words: "".join(map(str.capitalize, words)),
    "upper": lambda words: "_".join(words).upper(),
    "kebab": "-".join,
    "dotted": ".".join,
    "train": lambda words: "-".join(map(str.capitalize, words)),
    "title": lambda words: " ".join((words[0].capitalize(), *words[1:])),
    "spaced": " ".join,
}


def render(
    rng: Random,
    template: Template,
    value: Value,
    name: tuple[str, ...],
    group: str,
    half: Half | None = None,
) -> Case:
    """Fill a template; each place of the value is a label."""
    parts: list[str] = []
    labels, at = [], 0
    for part in _SLOT.split(template.text):
        text = part
        if part == "§":
            text = value.text
            labels.append(Label(at, at + len(text), value.type, value.kind))
        else:
            text = _STYLES[template.style](name) if part == "¶" else fill(rng, part)
        parts.append(text)
        at += len(text)
    return Case("".join(parts), tuple(labels), template.id, half or template.half, group)


@cache
def parse(source: str) -> tuple[Template, ...]:
    """Read the templates of a module."""
    found = []
    for block in re.split(r"^=== ", source, flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n")
        name, style, fit, role = (field.strip() for field in head.split("|"))
        found.append(Template(name, style, fit, role, body.rstrip("\n") + "\n"))
    return tuple(found)
