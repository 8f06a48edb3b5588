"""Credentials known by the name they are given to: values without quotes, in data, logs and prose."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule, backslashes
from filters.redact.secrets.finding import (
    foreign_end,
    full_grade,
    is_closed_off,
    is_of_page,
    is_summed,
    line_around,
    name_before,
    user_before,
)
from filters.redact.secrets.judgement import Form, is_credential
from filters.redact.secrets.keywords import (
    ANCHOR,
    CASES_BYTES,
    PASS_BYTES,
    SECRET_BYTES,
    SHORT_BYTES,
    WEAK_BYTES,
    WORDS_BYTES,
    Grade,
    grade,
    run_bytes,
)
from filters.redact.secrets.letters import is_word
from filters.redact.secrets.phrases import is_chosen, is_phrase, is_remembered
from filters.redact.secrets.strength import weigh

_REST: Final = r"[\w.$\-]{0,40}"
# `name = value`, `name: value`, `name=value`, `"name": value`, `**name:** value`, `name: !!str value`
_HEAD: Final = re.compile(
    rf"""{ANCHOR}(?P<rest>{_REST}(?:[ ]\w{{1,12}}){{0,2}})\\?["'`]?[\])*_]{{0,3}}"""
    r"""[ \t]{0,40}(?P<link>:-|[:?+]?=|:|=>|\|)(?:\*\*|__|</\w{1,8}>)?[ \t]{0,20}"""
    r"""(?:!!\w{1,12}[ ]{1,4}|&\w{1,20}[ ]{1,4})?"""
    r"""(?P<value>(?=(?!\.[*+]|\[\^|\\S|\(|&quot;|%[qQ][{(\[<|!/]|q[qw]?[{(])[^\s"'`]{4}))""",
    re.ASCII,
)
# The same without bounds, which makes it small for the prefilter. Behind the name of a password six
# characters have to follow, or a digit or symbol; behind others a run that may be random.
_LINK_BYTES: Final = (
    r"""(?:[ ]\w+){0,2}\\*["'`]?[\])*_]*[ \t]*[:?+]?[=:|][>-]?(?:\*\*|__|</\w+>)?[ \t]*"""
    r"""(?:!!\w+[ ]+|&\w+[ ]+)?"""
)
_SOLID: Final = r"""[^\s"'`(\[,;]"""
_SPELLED: Final = r"[\w+/=.~%:\-]"
_TRIGGER: Final = re.compile(
    rf"{PASS_BYTES}{_LINK_BYTES}(?:{_SOLID}*[0-9!#$%^&*+?~]|[^\s\"'`(\[,;.]{{6}})|"
    rf"{SECRET_BYTES}{_LINK_BYTES}(?:{run_bytes(_SOLID, 8)}|[a-zA-Z]{{11}}|{WORDS_BYTES}|{CASES_BYTES})|"
    rf"{SHORT_BYTES}{_LINK_BYTES}[A-Za-z0-9]{{4}}|"
    rf"{WEAK_BYTES}{_LINK_BYTES}(?:{run_bytes(_SPELLED, 14)}|[a-zA-Z]{{14}}|{WORDS_BYTES})",
    re.IGNORECASE | re.ASCII,
)
_BEFORE_LINE: Final = re.compile(
    r"[ \t]*(?:[\w@.:~/\[\]-]{0,40}[$#>%][ ])?(?:(?:export|ARG|set|setx|ENV|ARG|var|local|readonly|declare|env|"
    r"\$env:|--?|-e|-D|\*|>|//|#|;|%|"
    r"val|let|const|final|static|public|private|global)[ \t]+|-D|\$env:|[#;*>]+)*[\"'`]?"
)
# Before a name in a note: a bullet and some words, as in `* The new access key: …`
_NOTE: Final = re.compile(
    r"[ \t]*(?:[-*+\u2022>#]{1,6}|\d{1,2}[.)])?[ \t]*(?:[*_`]{0,3}[A-Za-z][\w.\-/()]*[*_`]{0,3}[ ]){0,4}[*_`\"]{0,3}"
)
# What ends a value in the middle of a line
_STOP: Final = re.compile(
    r"""[\s"'`]|[,;|](?=\s|$|[\w.\-]{1,40}(?:[ ][\w.\-]{1,20}){0,2}[=:]|["'\\])|%0[AaDd]|"""
    r"""&(?=[\w.\-]{1,40}=|&|["'\\])|</|<\w{1,10}/?>|"""
    r"""(?<=\S)\{[a-z]{1,12}\}|\\+["'nrt]|[)\]}>]+(?=[\s.,;]|$)|&(?:amp|quot|lt|gt|apos|\#)"""
)
_LONGEST: Final = 400
_END_MARKS: Final = ".,;:!?)]}>\u3002\u3001"
_COMMENT: Final = re.compile(r"[ \t]+(?:#|//|;|<!--|--)|[ \t]*\r?$", re.MULTILINE)
_SAYS: Final = re.compile(r"[ ](?:is|are|was|ist|est|es)\b")
_TYPE: Final = re.compile(r"(?:Key|Token|Secret|Password)$")
_MEMBER: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)
_YAML_MARK: Final = re.compile(r"[&*!][\w/.\-]+|[|>][+-]?\d?")
_CODE: Final = re.compile(
    r"[\[({][^\]})]*$|[;{]$|^[\w.]+[\[(]|[?:|&=<>+]{2}(?!=*$)|\w[?]\w+:|^[{(\[<]"
)
# What ends a value before the end of its line
INNER: Final = re.compile(r"\s|[,;]$|%0[AaDd]|[&;][\w.\-]{1,40}=|.\{[a-z]+(?::[^{}\n]*)?\}")
# A substitution, whose closing slash is no part of a value
_SED: Final = re.compile(r"\bs/[^\n]{0,100}/")
_SED_REACH: Final = 110
_NESTED: Final = re.compile(r"([\w.\-]{2,40})(?::?=(?!=)|:(?=\s))", re.ASCII)
_SUBSCRIPT: Final = re.compile(r"[A-Za-z_.]{4}[\[(]|[\[(][\"']")
# A variable and what stands behind it
_VARIABLE: Final = re.compile(
    r"[$@&]{1,2}(?P<name>[A-Za-z_]\w{0,60})(?:(?:->|::|\.)?[\[{(]|(?:->|::)\w)"
)
_WORDS: Final = re.compile(r"[a-z]{4,10}[_-][a-z0-9-]{6,60}(?=[\s\"'&;]|,\s|$)")
_SUBSCRIPT_ODD: Final = 15.0
_RANDOM_ODD: Final = 18.0
_STRONG_ODD: Final = 30.0
_STRONG_CLASSES: Final = 3


def _assigned(match: re.Match[str]) -> Range | None:
    text, start = match.string, match.start("value")
    nested = _NESTED.match(text, start)
    if nested is not None and grade(nested[1]) is not Grade.NONE:
        return None  # `token=password=…`: the inner name has the value
    end_of_name = match.end("rest")
    name = name_before(text, match.start(), end_of_name)
    found = full_grade(text, match.start(), name)
    low = end_of_name - len(name)
    if found is Grade.NONE or _is_elsewhere(match, low):
        return None
    if found <= Grade.SECRET and is_of_page(text, low, name):
        return None
    span = (
        _default(match, low, found)
        or (_cell(match, found) if match["link"] == "|" else None)
        or judged(text, low, start, found, yaml=match["link"] == ":")
        or (_remembered(text, start, name) if found == Grade.SECRET else None)
    )
    if span is not None and (user := user_before(name, text[slice(*span)])):
        span = accept(text, span[0] + user, span[1], Grade.PASSWORD, "plain", yaml=False)
    # what the prefilter would not see must not be seen without it
    if span is not None and is_summed(text, *span):
        return None
    seen = span is not None and _TRIGGER.search(text, match.start(), span[1]) is not None
    return span if seen else None


def _remembered(text: str, start: int, name: str) -> Range | None:
    """Accept what people remember, as a whole word behind an unmistakable name: `API_KEY=…`."""
    value = _WORDS.match(text, start)
    return value.span() if value is not None and is_remembered(name, value[0]) else None


def _is_elsewhere(match: re.Match[str], low: int) -> bool:
    """Tell whether the name at `low` is a part of something else: a path, a table, a sentence, a format."""
    text = match.string
    return (
        # one of the parts of `arn:aws:…:secret:…`
        (text[low - 1 : low] == ":" and text[low - 2 : low - 1].isalnum())
        or (match["link"] == "|" and not _is_first_column(text, low))
        or _SAYS.search(match["rest"]) is not None  # `the password is x:y`
        or text[low - 2 : low] == "%("
    )


def _default(match: re.Match[str], low: int, found: Grade) -> Range | None:
    """Judge what stands for a variable that is not set: `${NAME:-default}`, `${name:default}`."""
    text, start = match.string, match.start("value")
    end = text.find("}", start, start + _LONGEST)
    if text[low - 2 : low] != "${" or end < 0 or any(map(str.isspace, text[start:end])):
        return None
    return accept(text, start, end, found, "quoted", yaml=False)


def _cell(match: re.Match[str], found: Grade) -> Range | None:
    """Judge the cell of a table beside the name's."""
    text, start = match.string, match.start("value")
    end = text.find("|", start, start + _LONGEST)
    value = text[start:end].rstrip() if end > 0 else ""
    if not value or any(map(str.isspace, value)):
        return None
    return accept(text, start, start + len(value), found, "plain", yaml=False)


def judged(text: str, low: int, start: int, found: Grade, *, yaml: bool) -> Range | None:
    """Judge the value at `start`, first as the whole rest of its line, then up to a delimiter."""
    last = line_end(text, start) if _is_data(text, low, yaml=yaml) else start
    end = foreign_end(text, start, last, _opening(text, low))
    if is_closed_off(text, end, last):
        value = text[start:end]
        if found >= Grade.LOOSE and " " in value and is_phrase(value):
            return accept(text, start, end, found, "quoted", yaml=yaml)
        if end > start and not INNER.search(value):
            if not is_code(value) or is_strong(value):
                return accept(text, start, end, found, "plain", yaml=yaml)
            return None
    end_of_sed = _SED.search(text, max(0, low - _SED_REACH), low) is not None
    tight = text[start - 1 : start] == "="
    end = _stop(text, start, told=not tight)
    if end_of_sed and text.find("/", start, end) > start:
        end = text.rfind("/", start, end)
    end = foreign_end(text, start, end, _opening(text, low))
    # `--password=…`, `;Password=…;`, `&password=…`, but no argument of a call
    shell = (
        tight and (end == len(text) or text[end] in " \t\r\n;&\"'\\") and text[low - 1 : low] != "("
    )
    exported = (
        text[end : end + 1] == ";"
        and text[low : start - 1].isupper()
        and not is_code(text[start:end])
    )
    if shell and (exported or not _is_statement(text, start, end)):
        return accept(text, start, end, found, "plain", yaml=yaml)
    # words by hyphens are no expression, even in the middle of a line
    told = found >= Grade.LOOSE and "-" in text[start:end] and is_phrase(text[start:end])
    return accept(text, start, end, found, "told" if told else "running", yaml=yaml)


def _opening(text: str, low: int) -> str:
    """Return the quote or bracket that opens right before a name, or nothing."""
    before = text[low - 1 : low]
    if before == "[":
        return "]"
    return before if before in ("'", '"', "`") else ""


def _is_data(text: str, low: int, *, yaml: bool) -> bool:
    """Tell whether the name at `low` is the first thing on its line, but for what declares it."""
    begin = text.rfind("\n", max(0, low - _LONGEST), low) + 1
    if begin == 0 and low > _LONGEST:
        return False
    if _BEFORE_LINE.fullmatch(text, begin, low) is not None:
        return True
    return yaml and _NOTE.fullmatch(text, begin, low) is not None


def _is_first_column(text: str, low: int) -> bool:
    begin = text.rfind("\n", max(0, low - _LONGEST), low) + 1
    return text[max(begin, low - _LONGEST) : low].strip() == "|"


def is_strong(value: str) -> bool:
    """Tell whether a value is too random to be code, whatever brackets it holds."""
    if _SUBSCRIPT.search(value) is not None:
        return False
    weight = weigh(value)
    return weight.classes >= _STRONG_CLASSES and weight.odd >= _STRONG_ODD


def accept(
    text: str, start: int, end: int, found: Grade, form: Form, *, yaml: bool
) -> Range | None:
    """Judge a value whose range is known, by its form."""
    value = text[start:end]
    if yaml and _YAML_MARK.fullmatch(value) is not None:
        return None
    if form == "running" and _is_statement(text, start, end):
        return None
    if _is_subscripted(text, start):
        return None
    phrase = found >= Grade.LOOSE and (is_phrase(value) or is_chosen(value))
    if (_is_member(value) and not phrase) or value.startswith(".*"):
        return None  # `rsa.Key2048`, or a regex
    around = line_around(text, start, end)
    return (start, end) if is_credential(value, found, form, around) else None


def _is_subscripted(text: str, start: int) -> bool:
    """Tell whether a value begins a variable of Perl or PHP with a member: `$cfg->{password}`."""
    found = _VARIABLE.match(text, start)
    return found is not None and weigh(found["name"]).odd < _SUBSCRIPT_ODD


def _is_statement(text: str, start: int, end: int) -> bool:
    """Tell whether a value in the middle of a line is part of a statement of code."""
    value = text[start:end]
    if is_code(value) or text[end : end + 1] in ("(", "[") or "{" in value:
        return True
    return text[end : end + 1] == ";" and weigh(value).odd < _RANDOM_ODD


def _is_member(value: str) -> bool:
    """Tell whether a value is a member of something that reads like a word: `rsa.Key2048`."""
    if "." not in value or _MEMBER.fullmatch(value) is None:
        return False
    if _TYPE.search(value) is not None:
        return True
    return any(is_word(part.lower()) for part in value.split(".") if part.isalpha())


def is_code(value: str) -> bool:
    """Tell whether a value reads like an expression."""
    return _CODE.search(value) is not None


def line_end(text: str, start: int) -> int:
    """Return where a line ends, or the comment on it begins; `start` if neither is near."""
    stop = _COMMENT.search(text, start, min(start + _LONGEST, len(text)))
    return start if stop is None else stop.start()


def _stop(text: str, start: int, *, told: bool = False) -> int:
    """Return where a value in the middle of a line ends, without what punctuates the sentence."""
    stop = _STOP.search(text, start, start + _LONGEST)
    end = min(start + _LONGEST, len(text)) if stop is None else stop.start()
    while (
        end > start
        and text[end - 1] in _END_MARKS
        and (text[end - 1] not in "!?" or (text[end - 1] == "?" and told))
    ):
        end -= 1
    return end - backslashes(text, end) % 2


_RULES: Final = (
    Rule(
        "unquoted-assignment", "SECRET", "balanced", _HEAD, _assigned, _TRIGGER,
        yes=(
            "export DB_PASSWORD=«{an:12}»", "  password: «{an:12}»  # rotate", "      - API_TOKEN=«{an:24}»",
            "user=svc password=«{an:12}» from=h", "grant=x&client_secret=«{an:24}»&y=1", "PW: «{an:12}»",
            "spring.mail.password=«{an:12}»", "| password | «{an:12}7» |", "${DB_PASSWORD:-«{an:12}»}",
            '  "password: «{an:12}»"\n]', "'password=«{an:12}»')", "password=«{an:14}»</data>",
            "API_KEY=«copper-garden-lantern»", "encryption_key=«copper_garden84» host=db1",
            "DataSource(username=sa, password=«copper-garden-lantern», poolSize=5)",
        ),
        no=(
            "password: str", "password=password", "token = tokenizer.encode(text)[0]", "PASSWORD=${X}",
            "password: *anchor", "key=lambda x: x[1]", "arn:aws:secret:{an:20}",
            "private_key: ed25519.PrivateKey", '{"api_key": -{dig:12}}', "_oldpwd = _curpwd",
            "password: ENC({b64:43}=)", "NEXT_PUBLIC_API_TOKEN={an:32}", "PASSWORD=`pwgen 16 1`",
            "my $password = $cfg->{password} || prompt('Password: ');", "password: $__file{/run/secrets/pw}",
            "MD5 (auth-key.iso) = {hex:32}", "lock_token: {hex:32}", "secret: app-user-config",
        ),
    ),
)  # fmt: skip


def unquoted_rules() -> tuple[Rule, ...]:
    """Return the rules for values without quotes."""
    return _RULES
