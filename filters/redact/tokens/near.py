"""Tell by what stands before it whether a value of no special shape is a provider's key.

Every candidate costs one look at the few characters before it: the line is read leftwards, over
quotes and the sign of assignment, to the name that the value is given to, and on to the provider.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache, partial
from typing import Final, NamedTuple

from filters.redact.prefilter import WINDOW
from filters.redact.rule import Level, Range, Rule
from filters.redact.secrets.finding import is_summed
from filters.redact.secrets.values import entropy, is_specimen
from filters.redact.spelled import Spelled

# How far before a value the provider's name may stand, in code points
REACH: Final = 120
# How far before it the name may end: so many bytes, which is four times as many code points in the
# trigger's superset. Without a bound every name would fire for every later value of a line.
_GAP: Final = 64

# What may stand between a name and its value, in any language: brackets, quotes, assignments
_LINKS: Final = " \t\"'`“”‘’([{<>=:,|?!+~\\)]};"  # noqa: RUF001  typed quotes are meant
# Prefixes of string literals (Python, C#, Rust, Swift) right before a quote
_PREFIX: Final = re.compile(r"(?<![A-Za-z0-9_])(?:[rbuf]{1,2}|N|L|@|\$|s|rb?#)\Z", re.IGNORECASE)
# Words between a name and its value that say nothing
_SILENT: Final = frozenset(
    {
        "value", "val", "default", "defaultvalue", "content", "data", "string", "str", "text",
        "is", "are", "was", "to", "as", "be", "with", "or", "of", "set", "equals", "ist", "est", "es",
        "new", "const", "raw", "name", "env", "type", "s", "by", "lazy", "field",
    }
)  # fmt: skip
_SILENT_HOPS: Final = 5
# The length of a string as PHP serialises it: `s:32:"…"`
_COUNT: Final = re.compile("[0-9]{1,4}")
# A name that says that its value is a credential
KEYISH: Final = (
    r"key|token|secret|auth(?!or)|api|passw|passphrase|passwd|pwd|credential|bearer|signature|"
    r"licen[sc]e|jwt|webhook|salt|seed|crumb|app_?code|(?<![a-z])(?:pat|pass|sid|psk|creds?)(?![a-z])|"
    r"(?<![a-z])login(?![a-z])|\A-[tk]\Z|키|토큰|시크릿|비밀|密钥|密鑰|秘钥|令牌|キー|トークン|シークレット|"
    r"(?-i:(?<=[a-z])(?:Pat|Pass|Sid|Psk|Creds?)(?![a-z]))"
)
_KEYISH: Final = re.compile(KEYISH, re.IGNORECASE)
# A name whose last word says that its value is no credential
_PUBLIC: Final = re.compile(
    r"(?:(?<![a-z])(?:ids?|sha|ref|rev|uid|src|img|pub|url|uri|file|path|user|mail|tag|zone|guid)|"
    r"(?<=[a-z])(?-i:Ids?|ID|Sha|SHA|Ref|Rev|Url|URL|Uri|URI|File|Path|User)|"
    r"uuid|sha_?(?:1|224|256|384|512)(?:sum)?|md5|hash|digest|checksum|commit|revision|integrity|"
    r"etag|version|release|image|href|email|host|domain|fingerprint|thumbprint|serial|build|"
    r"endpoint|project|name|account|username|channel|bucket|branch|blob|tree|parent|nonce|"
    r"identifier|accessor|location|folder|object|instance|index|chunk|asset|bundle)[\d_]{0,3}\Z|"
    r"public|publishable|(?:csrf|xsrf|page|continuation|cursor|next|resume|sync|idempotency|partition|routing|cache|"
    r"site|primary|foreign|object|sort|row|lock|change|request|starting|creation|update|concurrency|paging|pagination|"
    r"sentry|vapid|checksum)[-_]?(?:token|key)\Z|"
    r"(?:algolia|docs)[-_]?search[-_]?(?:api[-_]?)?key\Z|search[-_]?api[-_]?key\Z|instrumentation_?key\Z|"
    r"\.(?:iso|tar|tgz|gz|bz2|xz|zip|json|ya?ml|txt|js|css|deb|rpm|apk|jar|whl|exe|pdf|png|csv|xml|wasm|so|dll)\)?\Z|"
    r"(?:label|title|text|field|hint|policy|placeholder|prompt|prefix|suffix|count|status|"
    r"(?<![a-z])(?:len|size|min|max|limit|ttl)|(?:max|min)_?length|_length)[\d_]{0,3}\Z",
    re.IGNORECASE,
)
# The entropy of 32 random hex digits is 3.5 bits each, below 2.9 in one of ten thousand
_FLOOR: Final = 2.9
_FLOOR_SHARE: Final = 0.63
# What joins words and parts of paths
_JOINT: Final = re.compile(r"[-_.+/=~]")
# What may stand right before a value; all of them are links
_BEFORE: Final = r"""(?:[ \t"'`“”‘’=:,(\[{<>|\\]|:-)"""  # noqa: RUF001  typed quotes are meant
_BEFORE_END: Final = re.compile(_BEFORE + r"\Z")
# A value ends before nothing that could be more of it: no letter, no joint with a letter behind
END: Final = r"(?![A-Za-z0-9_(\[]|[-./+=][A-Za-z0-9])"
_UUID: Final = re.compile("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_IDENTITY: Final = re.compile(r"(?<![a-z])(?:uuid|guid|libvirt|ceph)(?![a-z])", re.IGNORECASE)
# Zero bytes in base64
_ZEROS: Final = re.compile("A{6,}")
# The least size of the public half of a key pair, such as `AKIA…`
_PUBLIC_HALF: Final = 18
# Random letters are capitals by half; those of joined words rarely more than by a fifth
_MIXED_CASE: Final = 0.25
# Words of a name rarely have this many digits
_DIGITS: Final = 4
_CAMEL: Final = re.compile(
    "(?:[a-z]{0,30}(?:[A-Z]{1,4}[a-z]{3,30}[0-9]{0,2}|[A-Z][a-z][0-9]{0,2}){1,12}[A-Z]{0,3}"
    # `LemonLDAPOAuth2Adapter`: the name of a class, by its last word
    "|[A-Za-z0-9]{3,60}(?:Adapter|App|Backend|Callback|Client|Config|Controller|Error|Exception|Factory|Form"
    "|Handler|Manager|Middleware|Mixin|Model|Provider|Request|Response|Serializer|Service|Strategy|View))"
)
_MIXED: Final = re.compile(r"[A-Za-z][0-9]|[0-9][A-Za-z]")


class Place(NamedTuple):
    """Where a value stands: what is before it on its line, the link to it, and its name."""

    before: str
    link: str
    name: str


def near_rule(
    rule_id: str, regex: str, near: str, level: Level, yes: tuple[str, ...], no: tuple[str, ...]
) -> Rule:
    """Return the rule for values of the shape `regex` that are given to a name of `near`'s.

    The regex looks at every value of the shape on those lines that have `near` before such a value.
    """
    pattern = Spelled(rf"(?<![A-Za-z0-9_])(?:{regex}){END}")
    trigger = Spelled(rf"(?i:{near})[^\n]{{0,{_GAP // 4}}}{_BEFORE}(?:{regex})")
    names = Spelled(near, re.ASCII | re.IGNORECASE)
    check = partial(_check, names, strict=level != "permissive")
    # in windows, for a shape such as forty letters is slow to seek on a minified line
    return Rule(rule_id, "SECRET", level, pattern, check, trigger, cut=True, yes=yes, no=no)


def _check(near: Spelled, match: re.Match[str], *, strict: bool) -> Range | None:
    """Accept a random value whose name, or what stands before it, names the provider."""
    where = place(match.string, match.start())
    if match.end() == WINDOW:  # may go on beyond the window; the next one sees it whole
        return None
    if where is None or not belongs(near, where, strict=strict):
        return None
    found = match.span(match.re.groups)
    if is_summed(match.string, *found):
        return None
    if _UUID.fullmatch(match.string, *found) is not None and _names_identity(match.string, *found):
        return None
    return found if is_key(match.string[slice(*found)]) else None


def _names_identity(text: str, start: int, end: int) -> bool:
    """Tell whether the line says of a UUID that it is one, as libvirt's secrets are called."""
    line = text.find("\n", end, end + REACH)
    around = text[max(0, start - REACH) : start].rpartition("\n")[2]
    around += text[end : end + REACH if line < 0 else line]
    return _IDENTITY.search(around) is not None


def is_key(value: str) -> bool:
    """Tell whether a value is random enough for a key: no words, no specimen."""
    floor = min(_FLOOR, _FLOOR_SHARE * math.log2(len(value)))
    return (
        not is_specimen(_ZEROS.sub("A", value)) and not is_worded(value) and entropy(value) >= floor
    )


def place(text: str, start: int) -> Place | None:
    """Read leftwards from a value at `start` to the name that it is given to, None without one."""
    low = max(0, start - REACH)
    before = text[max(low, text.rfind("\n", low, start) + 1) : start]
    if _BEFORE_END.search(before, max(0, len(before) - 2)) is None:
        return None
    end, link = _step(before, len(before))
    for _ in range(_SILENT_HOPS):
        name = _last_name(before, end)
        if name.lower() not in _SILENT and not _COUNT.fullmatch(name):
            return Place(before, link, name)
        end, more = _step(before, end - len(name))
        link = more + link
    return None


def _step(before: str, end: int) -> tuple[int, str]:
    """Return where the links that end at `end` begin, and the links themselves."""
    # a shell default, `${NAME:-value}`
    stop = end - 1 if before[:end].endswith(":-") else end
    head = before[:stop].rstrip(_LINKS)
    if len(head) < stop and before[len(head)] in "\"'`":
        head = _PREFIX.sub("", head).rstrip(_LINKS)
    return len(head), before[len(head) : end]


def _last_name(before: str, end: int) -> str:
    """Return the run of name characters that ends at `end`."""
    start = end
    while start > 0 and (before[start - 1].isalnum() or before[start - 1] in "_.-$"):
        start -= 1
    return before[start:end]


def is_keyish(name: str) -> bool:
    """Tell whether a name says that its value is a credential, and not an identifier or a hash."""
    return _says_key(name) and not _says_public(name)


@lru_cache(maxsize=4096)
def _says_key(name: str) -> bool:
    return _KEYISH.search(name) is not None


@lru_cache(maxsize=4096)
def _says_public(name: str) -> bool:
    return _PUBLIC.search(name) is not None


def belongs(near: re.Pattern[str] | Spelled, where: Place, *, strict: bool = False) -> bool:
    """Tell whether a value at this place is a key of the provider that `near` matches.

    Its own name holds a word such as `key`, and it or something before it names the provider.
    Unless `strict` it may also be given to the provider's bare name, `HEROKU=…`, or be an argument
    of a call of that name, `Mailgun("…")`.
    """
    if _says_public(where.name):
        return False
    last = None
    for provider in near.finditer(where.before):
        last = provider
    if last is None or len(where.before[last.end() :].encode(errors="surrogatepass")) > _GAP:
        return False
    if _says_key(where.name):
        return True
    return not strict and (_is_bare(where, last) or _is_argument(where, last))


def _is_bare(where: Place, provider: re.Match[str]) -> bool:
    """Tell whether the value is given to the provider's bare name, or stands beside a key's public half."""
    if where.name == provider[0] and len(where.name) >= _PUBLIC_HALF:
        return True
    more = where.name.replace(provider[0], "", 1).strip("_.-$")
    return not more and any(sign in where.link for sign in "=:")


def _is_argument(where: Place, provider: re.Match[str]) -> bool:
    """Tell whether the value stands in the parentheses of a call with the provider's name."""
    between = where.before[provider.end() :]
    return between.count("(") > between.count(")") and ";" not in between


def is_worded(value: str) -> bool:
    """Tell whether a value may be words: `my-long-name-32`, `LongNameOfSomething`, `OAuth2Client`.

    No part of such a value mixes letters and digits, and few of its letters are capitals; or it is
    all capitalised words.
    """
    if _CAMEL.fullmatch(value):
        return True
    if sum(map(str.isdigit, value)) >= _DIGITS or any(
        _MIXED.search(part) for part in _JOINT.split(value)
    ):
        return False
    capitals = sum(map(str.isupper, value))
    small = sum(map(str.islower, value))
    return not (capitals > _MIXED_CASE * len(value) and small > _MIXED_CASE * len(value))
