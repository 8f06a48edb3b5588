"""Credentials before the host: in URLs, data source names and lists of proxies.

Sources: RFC 3986 section 3.2.1 (userinfo), go-sql-driver's data source names, GitHub's and GitLab's
ways to put a token in the place of a user name.
"""

from __future__ import annotations

import re
from typing import Final

from filters.redact.rule import Range, Rule, ends_escape
from filters.redact.secrets.logins import is_login, is_mixed

_SLASHES: Final = r":\\{0,3}/\\{0,3}/"
_URL: Final = re.compile(
    rf"(?P<scheme>[A-Za-z0-9+]{{0,24}}){_SLASHES}(?P<user>[^\s:/?#@\"'<>\\`,;()\[\]]{{0,128}}):"
    r"(?P<span>[^\s@\"'<>\\`]{3,256})@(?=[\w\[{$%<(/:*.@\-])"
)
_URL_START: Final = re.compile(
    rf"{_SLASHES}[^\s:/?#@\"'<>\\`,;()\[\]]{{0,128}}:[^\s@\"'<>\\`]{{3,256}}@"
)
# A password with an at sign of its own: the last one before the path ends it
_MORE: Final = re.compile(r"(?:[^\s@/\"'<>\\`,;()\[\]|]{0,64}@){1,4}(?=[\w\[{$%-])")
# The most slashes that a password has by chance; a path has more
_SLASHED: Final = 2
_PORT: Final = re.compile(r"\d{1,5}(?:[/?#]|$)")
_WEB: Final = frozenset(("http", "https", "ws", "wss", "file"))
# What stands for a password when the user name is a token
_TOKEN_USER: Final = frozenset(("x-oauth-basic", "x-oauth-token", "oauth", "api_token", "x"))
_URL_TOKEN: Final = re.compile(
    rf"(?:https?|git|ssh|wss?){_SLASHES}(?P<span>[A-Za-z0-9_\-.~%]{{20,255}}+)"
    r"(?::(?:x-oauth-basic|x-oauth-token|api_token)?)?@(?=[\w\[$-])"
)
_PUBLIC_HOST: Final = re.compile(
    r"@[\w.-]{0,80}(?:sentry|ingest|bugsnag|glitchtip|ravenjs)", re.IGNORECASE
)
# go-sql-driver: `user:password@protocol(address)/database`; PEAR's and others' are alike
_DSN: Final = re.compile(
    r"(?<![\w/.:@\-])(?P<user>[\w.\-]{1,64}):(?P<span>[^\s@\"'`\\<>]{4,128})@"
    r"(?:tcp|udp|unix|tcp6)?\([\w./:$\{\[\-]"
)
# `user:password@host:port` without a scheme, as in lists of proxies
_BARE: Final = re.compile(
    r"(?<![\w/:@.%\-])(?P<user>[A-Za-z][\w.\-]{1,40}):(?P<span>[^\s@/\"'`\\<>:,;=(){}]{6,64})"
    r"@(?=(?:[\w\-]{1,63}\.){1,6}[\w\-]{1,24}:\d{2,5}(?!\d))"
)
_BARE_TRIGGER: Final = re.compile(r"[^\s@/\"'`\\<>:,;=(){}]@[\w.\-]+:\d\d")
# `settings.password` is a reference, `Falcon.ridge2019` is none
_DIGIT_LAST: Final = re.compile(r"\w{3,}\d{2,}")
_REFERENCE: Final = re.compile(
    r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+[)\]},:]*|.*[(\[].*|[A-Za-z_]+(?:_[A-Za-z]+)+"
)


def _url(match: re.Match[str]) -> Range | None:
    """Accept the password of a URL, or its user name where that is the token."""
    user, value = match["user"], match["span"]
    start, end = match.span("span")
    if value.lower() in _TOKEN_USER:
        return match.span("user") if is_mixed(user) else None
    if _PORT.match(value) is not None:
        return None
    if (
        "/" in value
        and (match["scheme"].lower() in _WEB or "//" in value)
        and not is_slashed(user, value)
    ):
        return None
    more = _MORE.match(match.string, end + 1)
    if more is not None and "/" not in value:
        end = more.end() - 1
    return (start, end) if is_login(match.string[start:end], user) else None


def is_slashed(user: str, value: str) -> bool:
    """Tell whether a password with a slash is likelier than a host, a port and a path."""
    return (
        "." not in user
        and user != "localhost"
        and "//" not in value
        and value.count("/") <= _SLASHED
        and is_mixed(value)
    )


def _url_token(match: re.Match[str]) -> Range | None:
    value = match["span"]
    random = any(map(str.isdigit, value)) and len(set(value)) > 9 and "." not in value  # noqa: PLR2004  a name has fewer
    if not random or _PUBLIC_HOST.match(match.string, match.end() - 1) is not None:
        return None
    return match.span("span") if is_mixed(value) else None


def is_reference(value: str) -> bool:
    """Tell whether a bare value is likelier the name of something: `settings.password`, `db_password`."""
    return _REFERENCE.fullmatch(value) is not None and _DIGIT_LAST.search(value) is None


def accept_login(match: re.Match[str]) -> Range | None:
    """Accept the group `span` where only a password can stand; `user` is the group before it."""
    groups = match.groupdict()
    return match.span("span") if is_login(match["span"], groups.get("user") or "") else None


def accept_mixed(match: re.Match[str]) -> Range | None:
    """Accept the group `span` where a plain word or a reference may stand too."""
    user = match.groupdict().get("user") or ""
    value = match["span"]
    if is_reference(value) or ends_escape(match.string, match.start() + 1):
        return None
    return match.span("span") if is_mixed(value, user) else None


_URL_EXAMPLE = "postgres" + "://"
_WEB_EXAMPLE = "https" + "://"
_RULES: Final = (
    Rule(
        "_URL_EXAMPLE-login",
        "SECRET",
        "permissive",
        _URL,
        _url,
        _URL_START,
        yes=(
            f"{_URL_EXAMPLE}app:«{{an:14}}»@db:5432/x",
            "redis://:«{{pw:12}}»@cache:6379/0",
            f'"{_WEB_EXAMPLE}oauth2:«{{an:30}}»@git.example/x.git"',
            f"{_URL_EXAMPLE}app:«{{an:6}}/{{an:6}}»@db/x",
            f"{_WEB_EXAMPLE}«{{an:40}}»:x-oauth-basic@github.com/o/r",
            f"{_URL_EXAMPLE}u:«{{an:5}}@{{an:5}}»@h/d",
            "https:\\/\\/u:«{an:12}»@h\\/p",
        ),
        no=(
            f"{_URL_EXAMPLE}user:pass@host",
            f"{_URL_EXAMPLE}${{USER}}:${{PASS}}@host",
            f"{_WEB_EXAMPLE}username:password@host",
            f"{_WEB_EXAMPLE}<user>:<pass>@host",
            f"{_WEB_EXAMPLE}user:***@host",
            f"{_URL_EXAMPLE}postgres:postgres@db",
            f"{_WEB_EXAMPLE}localhost:8080/@scope/x",
            f"{_WEB_EXAMPLE}host:8080?mail=a@b.c",
            f"{_URL_EXAMPLE}%s:%s@%s",
        ),
    ),
    Rule(
        "_URL_EXAMPLE-token",
        "SECRET",
        "permissive",
        _URL_TOKEN,
        _url_token,
        yes=(f"git clone {_WEB_EXAMPLE}«{{an:40}}»@github.com/o/r",),
        no=(
            f"{_WEB_EXAMPLE}git-codecommit-credential-helper@host",
            f"{_WEB_EXAMPLE}{{hex:32}}@o1.ingest.sentry.io/1",
        ),
    ),
    Rule(
        "data-source-login",
        "SECRET",
        "balanced",
        _DSN,
        accept_login,
        yes=('"app:«{pw:12}»@tcp(db:3306)/x"',),
        no=('"user:password@tcp(db:3306)/x"',),
    ),
    Rule(
        "proxy-login",
        "SECRET",
        "balanced",
        _BARE,
        accept_mixed,
        _BARE_TRIGGER,
        yes=("acme:«{an:12}»@proxy.example.com:8080",),
        no=("user:password@example.com:8080",),
    ),
)


def url_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials before a host."""
    return _RULES
