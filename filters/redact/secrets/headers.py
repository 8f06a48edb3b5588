"""Credentials in HTTP requests: headers, cookies, query parameters and signed URLs.

Sources: RFC 7617 (Basic), RFC 6750 (Bearer), RFC 6265 (cookies), the signing guides of AWS, Azure and
Google Cloud, and the session cookies that web frameworks document.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from filters.redact.rule import Range, Rule, group
from filters.redact.secrets.logins import is_login, is_token

_JOIN: Final = r"(?:\\{0,3}[\"'][ ]?[+.,&][ ]?\\{0,3}[\"'])?"
_BASIC: Final = re.compile(
    rf"(?<![\w\-])[Bb]asic(?:[ ]|%20){{1,3}}{_JOIN}(?P<span>[A-Za-z0-9+/_\-]{{8,512}}+"
    rf"(?:={{1,2}}|(?:%3[Dd]){{1,2}})?)"
)
# A number with a fraction, as a program writes it
_FLOAT: Final = re.compile(r"[-+]?\d+\.\d+(?:[eE][-+]?\d+)?")
_CHARS: Final = r"[A-Za-z0-9+/_.~=:|!%\-]"
_BEARER: Final = re.compile(
    rf"(?<![\w\-])(?:[Bb]earer|BEARER)(?:[ ]|%20|\+){{1,3}}{_JOIN}(?P<span>{_CHARS}{{12,4096}})"
)
# The header whatever its scheme: `Authorization: Token …`, `ApiKey …`, or the bare token
_AUTHORIZATION: Final = re.compile(
    rf"(?:proxy-)?authorization\\{{0,3}}[\"']?\]?[ ]{{0,3}}(?::|=>?|,|\()[ ]{{0,3}}\\{{0,3}}[\"']?"
    rf"(?:[A-Za-z][\w\-]{{1,24}}[ =]{{1,2}}(?:token=|key=)?\\{{0,3}}[\"']?)?(?P<span>{_CHARS}{{12,4096}})",
    re.IGNORECASE,
)
_NO_SCHEME: Final = re.compile(
    r"digest|negotiate|aws4|oauth|hmac|signature|hawk|basic", re.IGNORECASE
)
_AFTER_TOKEN: Final = re.compile(r"\.{2}|…|[({\[<$]|\w")

_HEADER: Final = re.compile(
    r"(?<![\w\-])(?:x-(?:[a-z0-9]{1,20}-){0,4}(?:key|token|secret"
    r"|auth|password|apikey|credentials?|session(?:-id)?)"
    r"|(?:private|job|deploy|auth|access|api|circle|fastly|dd-api"
    r"|dd-application|ocp-apim-subscription|client|user|refresh|id"
    r"|app|service|admin|bot|webhook|travis-api|honeycomb|management|functions|session|security|vault|consul)"
    r"-(?:key|token|secret)|apikey|x-?apikey)"
    rf"\\{{0,3}}[\"']?\]?\)?[ ]{{0,3}}(?::|=>?|,)[ ]{{0,3}}\\{{0,3}}[\"']?(?P<span>{_CHARS}{{10,2048}})",
    re.IGNORECASE,
)
# An option of curl's: the name of the header alone says what it holds
_OPTION: Final = re.compile(
    r"(?:-H|--header)[ =]{0,2}\\{0,3}[\"'](?:[\w\-]{1,40}[\-_])?(?:token|key|secret|auth|apikey|password|credential)"
    rf"[ ]?:[ ]?(?P<span>{_CHARS}{{10,2048}})",
    re.IGNORECASE,
)
_HEADER_TRIGGER: Final = re.compile(
    r"(?:-(?:key|token|secret|auth|password|credentials?|session(?:-id)?)|apikey)"
    rf"\\{{0,3}}[\"']?\]?\)?[ ]{{0,3}}(?::|=>?|,)[ ]{{0,3}}\\{{0,3}}[\"']?{_CHARS}{{10}}",
    re.IGNORECASE,
)
_AWS_SIGNATURE: Final = re.compile(r"(?<![\w])Signature=(?P<span>[0-9a-f]{64})(?![0-9a-f])")

# Session cookies of PHP, Java, ASP.NET, Express, Django, Flask, Laravel, Rails, WordPress, GitHub, GitLab, Google …
_COOKIE: Final = re.compile(
    r"(?<![\w\-.$])(?P<name>PHPSESSID|JSESSIONID|ASPSESSIONID\w{8}"
    r"|ASP\.NET_SessionId|\.?ASPXAUTH|\.AspNetCore\.[\w.]{1,40}"
    r"|\.AspNet\.[\w.]{1,40}|connect\.sid|laravel_session|ci_session"
    r"|rack\.session|CFTOKEN|wordpress_(?:logged_in|sec)_\w{1,40}"
    r"|S?SESS[0-9a-f]{32}|_gitlab_session|user_session|__Secure-[\w\-]{1,40}|__Host-[\w\-]{1,40}"
    r"|XSRF-TOKEN|[A-Za-z_.\-]{0,24}(?:sess(?:ion)?(?:[_\-]?(?:id"
    r"|token|key))?|sid|auth(?:[_\-]?token)?|token|jwt|remember(?:_\w{1,20})?"
    r"|li_at)[A-Za-z_\-]{0,10}|sp_dc|sp_key|cf_clearance|S?APISID|[HS]SID|ct0)"
    r"(?:=|\\{0,3}[\"'][ ]?[:,][ ]?\\{0,3}[\"'])(?P<span>[A-Za-z0-9+/_.~%:|!=\-]{14,4096})",
    re.IGNORECASE,
)
_COOKIE_TRIGGER: Final = re.compile(
    r"(?:sess(?:ion)?|sid|auth|token|jwt|remember|li_at|wordpress_|sp_dc|sp_key|cf_clearance|ct0"
    r"|\.AspNet|__Secure-|__Host-)[\w.\-]{0,50}(?:=|\\{0,3}[\"'][ ]?"
    r"[:,][ ]?\\{0,3}[\"'])[A-Za-z0-9+/_.~%:|!\-]{14}",
    re.IGNORECASE,
)
_COOKIE_LINE: Final = re.compile(r"cookie", re.IGNORECASE)
_COOKIE_REACH: Final = 600
_OWN_NAMES: Final = re.compile(
    r"PHPSESSID|JSESSIONID|ASP|\.ASP|connect\.sid|laravel_session"
    r"|ci_session|rack\.session|wordpress_|S?SESS[0-9a-f]{32}|_gitlab_session|sp_dc|sp_key|cf_clearance|li_at",
    re.IGNORECASE,
)
_NOT_SESSION: Final = re.compile(r"csrf|xsrf", re.IGNORECASE)

_PARAMETER: Final = re.compile(
    r"(?:[?&#;]|&amp;|%26|%3F|\\u0026)(?:access_?token|api[_\-]?key"
    r"|apikey|auth(?:_?token|_?key|orization)?|token|key|secret|client_?secret"
    r"|app_?secret|refresh_?token"
    r"|id_?token|private_?token|sig|signature|hmac|subscription-key"
    r"|session_?(?:id|token|key)|sid|x-amz-signature|x-amz-security-token"
    r"|x-goog-signature"
    r"|x-oss-signature|x-cos-security-token|jwt|bearer|code|apitoken"
    r"|api_?token|appid|app_?key|license_?key|oauth_?token|ticket"
    r"|sas)"
    r"(?:=|%3D)(?P<span>[A-Za-z0-9+/_.~:|!\-%=]{12,2048})",
    re.IGNORECASE,
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MIN_PARAMETER: Final = 16
_SHORT_NAMES: Final = re.compile(
    r".{0,8}(?:key|token|sid|code|appid|ticket|auth|secret)(?:=|%3D)", re.IGNORECASE
)


def _basic(match: re.Match[str]) -> Range | None:
    """Accept base64 of `user:password` whose password is no stand-in."""
    value = match["span"].replace("%3D", "=").replace("%3d", "=").rstrip("=")
    try:
        pair = base64.b64decode(
            value + "=" * (-len(value) % 4), altchars=b"-_" if set(value) & {"-", "_"} else None
        ).decode()
    except (binascii.Error, ValueError):
        return None
    user, colon, password = pair.partition(":")
    if not colon:
        return None
    # a dollar sign in what is already encoded begins no variable
    real = (
        is_login(password.replace("$", ""), user)
        or (not password and is_token(user))
        or is_token(user)
    )
    return match.span("span") if pair.isprintable() and real else None


def _trimmed(match: re.Match[str]) -> Range:
    """Return the span without the punctuation of a sentence behind it."""
    start = match.start("span")
    return start, start + len(match["span"].rstrip(".:,!|"))


def _bearer(match: re.Match[str]) -> Range | None:
    start, end = _trimmed(match)
    text = match.string
    value = text[start:end]
    if _AFTER_TOKEN.match(text, end) is not None or not is_token(value) or _FLOAT.fullmatch(value):
        return None
    return start, end


def _authorization(match: re.Match[str]) -> Range | None:
    head = match.string[match.start() : match.start("span")]
    return None if _NO_SCHEME.search(head) is not None else _bearer(match)


def _header(match: re.Match[str]) -> Range | None:
    """Accept a header's token unless every visitor gets one, as against forged requests."""
    name = match.string[match.start() : match.start("span")]
    return None if _NOT_SESSION.search(name) is not None else _bearer(match)


def _cookie(match: re.Match[str]) -> Range | None:
    """Accept a session cookie by a name that only such cookies have, or inside a cookie header."""
    text, name = match.string, match["name"]
    if _NOT_SESSION.search(name) is not None:
        return None
    if _OWN_NAMES.match(name) is None:
        line = max(text.rfind("\n", 0, match.start()), match.start() - _COOKIE_REACH, -1)
        if _COOKIE_LINE.search(text, line + 1, match.start()) is None:
            return None
    return _bearer(match)


def _parameter(match: re.Match[str]) -> Range | None:
    start, end = _trimmed(match)
    value = match.string[start:end]
    if len(value) < _MIN_PARAMETER or _UUID.fullmatch(value) is not None:
        return None
    return _bearer(match)


_PAIR = base64.b64encode(("bob:" + "Wq7kX29d" + "Lm").encode()).decode()
_RULES: Final = (
    Rule(
        "basic-authorization",
        "SECRET",
        "permissive",
        _BASIC,
        _basic,
        yes=(f"Authorization: Basic «{_PAIR}»", f'auth = "Basic " + "«{_PAIR}»"'),
        no=(
            "Authorization: Basic dXNlcjpwYXNzd29yZA==",
            "Basic authentication is used",
            "Authorization: Basic <credentials>",
        ),
    ),
    Rule(
        "bearer-token",
        "SECRET",
        "balanced",
        _BEARER,
        _bearer,
        yes=(
            "Authorization: Bearer «{an:40}»",
            '"Bearer «{url:32}»"',
            "'Bearer ' + '«{an:32}»'",
        ),
        no=(
            "Bearer <token>",
            "Bearer $TOKEN",
            "Bearer {token}",
            "Bearer YOUR_TOKEN",
            "Bearer xxxxxxxxxxxxxxxxxxxx",
            "Bearer authentication",
            "Bearer {an:20}...",
        ),
    ),
    Rule(
        "authorization-token",
        "SECRET",
        "balanced",
        _AUTHORIZATION,
        _authorization,
        yes=(
            "Authorization: Token «{hex:40}»",
            "'Authorization': 'ApiKey «{an:30}»'",
            'req.Header.Set("Authorization", "«{an:40}»")',
        ),
        no=(
            "Authorization: Token YOUR_API_TOKEN",
            'Authorization: Digest username="x"',
            "headers['Authorization'] = get_token(x1)",
        ),
    ),
    Rule(
        "header-token",
        "SECRET",
        "balanced",
        _HEADER,
        _header,
        _HEADER_TRIGGER,
        yes=(
            "curl -H 'X-Api-Key: «{an:32}»' h",
            '"PRIVATE-TOKEN": "«{an:20}»"',
            'setHeader("X-Auth-Token", "«{an:32}»")',
            "X-Amz-Security-Token: «{b64:80}»",
        ),
        no=("X-Api-Key: YOUR_API_KEY", "X-Api-Key: $KEY", "x-cache-key: users-v1"),
    ),
    Rule(
        "option-header",
        "SECRET",
        "balanced",
        _OPTION,
        _bearer,
        yes=("curl -H 'Token: «{hex:16}»' h", 'curl --header "Secret: «{an:24}»" h'),
        no=("curl -H 'Token: $TOKEN' h", "curl -H 'Token: YOUR_TOKEN' h"),
    ),
    Rule(
        "aws-request-signature",
        "SECRET",
        "balanced",
        _AWS_SIGNATURE,
        group,
        yes=("AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=«{hex:64}»",),
        no=("Signature={hex:40}",),
    ),
    Rule(
        "session-cookie",
        "SECRET",
        "balanced",
        _COOKIE,
        _cookie,
        _COOKIE_TRIGGER,
        yes=(
            "Cookie: sessionid=«{low:32}»; theme=dark",
            "Set-Cookie: PHPSESSID=«{low:26}»; path=/",
            "Cookie: a=b; auth_token=«{an:40}»",
        ),
        no=("Cookie: sessionid=<session>", "Cookie: csrftoken={an:32}", "session_id={an:32}"),
    ),
    Rule(
        "url-token-parameter",
        "SECRET",
        "balanced",
        _PARAMETER,
        _parameter,
        yes=(
            "https://h/x?access_token=«{an:40}»&a=b",
            "https://h/x?sv=2020&sig=«{an:40}%3D»",
            "?X-Amz-Signature=«{hex:64}»",
        ),
        no=(
            "https://h/x?access_token=YOUR_TOKEN",
            "https://h/x?token={token}&key=abc",
            "?key={uuid}",
        ),
    ),
)


def header_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials in HTTP requests."""
    return _RULES
