"""Credentials known by their names, in unusual quotes: entities, escapes, brackets of Perl, Ruby and Lua."""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.finding import full_grade, is_mispaired, name_before
from filters.redact.secrets.judgement import SHORTEST, is_credential
from filters.redact.secrets.keywords import (
    ANCHOR,
    PASS_BYTES,
    SECRET_BYTES,
    WEAK_BYTES,
    Grade,
    grade,
)

# A quote as XML, HTML, JSON, a URL or a string of C spells it; it closes as it opens
_SPELLED: Final = r"&quot;|&\#0?3[49];|&apos;|&\#x2[27];|\\{1,4}u002[27]|\\{1,2}x2[27]|%2[27]"
# `q{…}`, `%Q(…)` (Perl, Ruby), `~s(…)` (Elixir), `[[…]]`, `[=[…]=]` (Lua), `$$…$$` (SQL)
_BRACKETS: Final = r"(?:%[qQwW]?|\bqq?[ ]?|~[sSwW])[{(\[<|!/]|\[={0,2}\[|\$\w{0,8}\$(?!\{)"
_HEAD: Final = re.compile(
    rf"{ANCHOR}(?P<rest>[\w.$\-]{{0,40}})(?:{_SPELLED}|[\"'`])?[\])]?[ \t]{{0,20}}"
    rf"(?:(?:[:?|]{{0,2}}=>?|:)[ \t]{{0,8}}(?P<quote>{_SPELLED}|{_BRACKETS})|"
    rf"%3[Dd](?P<sign>)|[ ](?P<tcl>\{{)|(?P<hash>,[ ]?)(?P<word>(?:%[qQ]?|\bqq?)[{{(\[]))"
    r"(?P<value>(?=\S))",
    re.ASCII,
)
_LINK_BYTES: Final = r"(?:&[\w\#]+;|\\+[ux][0-9a-f]+|%2[27]|[\"'`])?[\])]?[ \t]*"
_TRIGGER: Final = re.compile(
    rf"(?:{PASS_BYTES}|{SECRET_BYTES}|{WEAK_BYTES}){_LINK_BYTES}(?:(?:[:?|]{{0,2}}=>?|:)[ \t]*"
    rf"(?:&(?:quot|apos|\#x?[23]\w+);|\\+u002[27]|\\+x2[27]|%2[27]|(?:%[qw]?|[ \t]qq?[ ]?|~[sw])[{{(\[<|!/]|"
    rf"\[=*\[|\$\w*\$)|%3D|,[ ]?(?:%q?|qq?)[{{(\[])[^\s{{]|set[ ]\w*{PASS_BYTES}[ ]\{{[^\s{{]",
    re.IGNORECASE | re.ASCII,
)
_PAIRS: Final = {"{": "}", "(": ")", "[": "]", "<": ">"}
_LONGEST: Final = 400
# What ends a value in a part of a URL that is escaped once or more
_ESCAPED_END: Final = re.compile(
    r"%(?:25)*(?:26|0[AaDd]|20|2[27]|3[BbDd]|5[CcDd]|7[Dd])|[&\s\"'`<>,;)\]}\\]|[.:]+(?:\s|$)"
)
# No such value goes over a quote or markup: these close what it stands in
_FOREIGN: Final = re.compile(r"[\n\"'`<>]")
# What `[[` opens may be a list of lists
_ROWS: Final = re.compile(r"\][ \t]*,|,[ \t]|[0-9],-?[0-9]")
_SET: Final = re.compile(r"\bset[ ]\w{0,40}$")


def _between(match: re.Match[str]) -> Range | None:
    text, start = match.string, match.start("value")
    end = _end(match, start)
    if end - start < SHORTEST or _FOREIGN.search(text, start, end) is not None:
        return None
    if (match["quote"] or "").startswith("[") and _ROWS.search(text, start, end) is not None:
        return None
    name = name_before(text, match.start(), match.end("rest"))
    found = full_grade(text, match.start(), name)
    value = text[start:end]
    if found is Grade.NONE or is_mispaired(value) or not is_credential(value, found, "quoted"):
        return None
    seen = _TRIGGER.search(text, max(0, match.start() - len(name) - 4), end)
    return None if seen is None else (start, end)


def _end(match: re.Match[str], start: int) -> int:
    """Return where a value ends, given what opens it; -1 if nothing closes it near."""
    text = match.string
    if match["sign"] is not None:
        stop = _ESCAPED_END.search(text, start, start + _LONGEST)
        return min(len(text), start + _LONGEST) if stop is None else stop.start()
    if match["tcl"] is not None:
        begins = _SET.search(text, max(0, match.start() - 48), match.start("tcl") - 1)
        return -1 if begins is None else text.find("}", start, start + _LONGEST)
    return text.find(_closing(match["quote"] or match["word"]), start, start + _LONGEST)


def _closing(opening: str) -> str:
    """Spell what closes a value that something opens."""
    sign = opening[-1]
    if opening[0] in "&\\$" or opening[:2] == "%2":
        return opening
    if opening[0] == "[":
        return opening.replace("[", "]")
    return _PAIRS.get(sign, sign)


# `MOVE "…" TO WS-PASSWORD` (COBOL), `set("…", forKey: "password")` (Swift)
_TO: Final = re.compile(
    r"(?P<quote>[\"'])(?P<value>[^\"'\n]{4,200})(?P=quote)(?:[ ]{1,8}TO[ ]{1,8}|"
    r",[ ]?(?:for|key|forKey|forAccount|withKey)[ ]?[:=][ ]?[@.]?[\"']?)(?P<name>[\w.\-]{2,60})"
)
_TO_TRIGGER: Final = re.compile(
    r"[\"'](?:[ ]+TO[ ]+|,[ ]?(?:for|key|forKey|forAccount|withKey)[ ]?[:=][ ]?[@.]?[\"']?)[\w.\-]*"
    r"(?i:passw|passphrase|pwd|secret|token|key|pass)"
)


def _to(match: re.Match[str]) -> Range | None:
    fits = is_credential(match["value"], grade(match["name"]), "quoted")
    return match.span("value") if fits and _TO_TRIGGER.search(match[0]) is not None else None


_RULES: Final = (
    Rule(
        "odd-quotes", "SECRET", "balanced", _HEAD, _between, _TRIGGER,
        yes=(
            "&quot;password&quot;:&quot;«{an:14}»&quot;", "x password=&quot;«{an:12}7»&quot;",
            "\\u0022password\\u0022:\\u0022«{an:14}»\\u0022", "password%3D«{an:12}7»%26user%3Dx",
            "my $password = q{«{an:12}7»};", "password = %q(«{an:12}7»)", "password = [[«{an:12}7»]]",
            "set password {«{an:12}7»}", "db_password = ~s(«{an:12}7»)",
        ),
        no=(
            "&quot;password&quot;:&quot;string&quot;", "password%3Dpassword%26x", "password = [[1, 2], [3, 4]]",
            "password = [[{dig:5}], []]", "password = [[0, -{dig:6}]]", "password = [[{dig:3},{dig:3}]]",
            "password {", "password = %w(a b)", "$password = $$other_1;",
        ),
    ),
    Rule(
        "assigned-to", "SECRET", "balanced", _TO, _to, _TO_TRIGGER,
        yes=('MOVE "«{an:12}7»" TO WS-PASSWORD.', 'Keychain.set("«{an:12}7»", forKey: "password")'),
        no=('MOVE "SPACES" TO WS-PASSWORD.', 'set("name", forKey: "token_{dig:2}")'),
    ),
)  # fmt: skip


def odd_quote_rules() -> tuple[Rule, ...]:
    """Return the rule for values between unusual quotes."""
    return _RULES
