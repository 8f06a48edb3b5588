"""Credentials known by the name that a blank parts from them, as Dockerfiles, netrc and servers' settings spell it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.finding import foreign_end, is_closed_off
from filters.redact.secrets.keywords import Grade, grade
from filters.redact.secrets.strength import weigh
from filters.redact.secrets.unquoted import INNER, accept, is_code, is_strong, judged, line_end

_SPACED_TRIGGER: Final = re.compile(
    r"^[ \t]*(?:ENV|ARG|setx|setenv|SetEnv|set[ ]-[a-zA-Z]+|\w+_param|\w+_set_header)[ \t]+\w|"
    r"(?:password|passwd|requirepass|masterauth)[ \t]+[^\s\"'`=]|"
    r"^[ \t#;]*[\w.\-:]*(?i:passw(?:or)?d|secret|passphrase|bindpw|rootpw|auth_?pass|masterauth|requirepass|"
    r"api_?key|(?:auth|access|api)_?token)[\w\-]*[ \t]+[^\s\"'`=:]",
    re.MULTILINE,
)
# Dockerfile `ENV NAME value`, netrc `password value`, `setx NAME value`; `bindpw value`
_SPACED: Final = re.compile(
    r"""(?:^[ \t]{0,8}(?:ENV|ARG|setx|setenv|SetEnv|set[ ]-[a-zA-Z]{1,3}|\w{1,8}_param|\w{1,8}_set_header|"""
    r"""requirepass|masterauth)[ \t]{1,4}"""
    r"""(?P<env>[\w\-]{2,60})|"""
    r"""(?:\blogin[ ]{1,4}\S{1,60}[ ]{1,4}|^[ \t]{0,8}|[ ]--)(?P<netrc>password|passwd|requirepass|masterauth)|"""
    r"""^[ \t#;]{0,8}(?P<conf>[\w.\-]{1,50}(?:[:][\w.\-]{1,40})?)(?=[ \t]{1,40}[^\s"'`=]{4,120}[ \t\r]{0,8}$))"""
    r"""[ \t]{1,40}(?P<value>[^\s"'`=]{4})""",
    re.MULTILINE,
)
_TOKEN_ODD: Final = 40.0


def _spaced(match: re.Match[str]) -> Range | None:
    start = match.start("value")
    if match["conf"] is not None:
        found = grade(match["conf"])
        last = line_end(match.string, start)
        end = foreign_end(match.string, start, last)
        if end == start or not is_closed_off(match.string, end, last):
            return None
        needed = Grade.SECRET if weigh(match.string[start:end]).odd >= _TOKEN_ODD else Grade.LOOSE
        if found < needed or match.string[end - 1] in ",;{":
            return None
        span = accept(match.string, start, end, found, "plain", yaml=False)
        # what the prefilter would not see must not be seen without it
        seen = span is not None and _SPACED_TRIGGER.search(match.string, match.start(), start + 1)
        return span if seen else None
    found = grade(match["env"]) if match["env"] is not None else Grade.PASSWORD
    if match["env"] is not None:
        last = line_end(match.string, start)
        end = start + len(match.string[start:last].rstrip(";"))
        value = match.string[start:end]
        if INNER.search(value) is None and not (is_code(value) and not is_strong(value)):
            return accept(match.string, start, end, found, "plain", yaml=False)
    return judged(match.string, start, start, found, yaml=False)


@cache
def spaced_rules() -> tuple[Rule, ...]:
    """Return the rule for values behind a blank."""
    return (
        Rule(
            "spaced-assignment", "SECRET", "balanced", _SPACED, _spaced, _SPACED_TRIGGER,
            yes=(
                "ENV DB_PASSWORD «{an:12}»", "login svc password «{an:12}»", "requirepass «{an:16}»",
                "bindpw «{an:12}7»", "smtp_auth_password «{an:12}7»", "auth_token  «{hex:40}»",
            ),
            no=("ENV PATH /usr/bin", "ENV DB_PASSWORD changeme", "ARG TOKEN"),
        ),
    )  # fmt: skip
