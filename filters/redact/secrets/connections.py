"""Credentials inside URLs, connection strings and data source names.

Sources: RFC 3986 (userinfo), libpq's and ODBC's keyword strings, ADO.NET's, Azure's connection
strings, Oracle's easy connect, go-sql-driver's data source names, JAAS login modules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from filters.redact.rule import Range, Rule, backslashes
from filters.redact.secrets.logins import is_login
from filters.redact.secrets.urls import accept_login, accept_mixed, is_reference, url_rules

_ENTITY: Final = r"&(?:amp|quot|apos|lt|gt|#\d{1,4});"
_VALUE: Final = rf"(?:{_ENTITY}|[^\s;\"'\\<>&`]){{4,160}}+"
_KEYWORD: Final = (
    r"(?:password|pwd|passwd|pass|(?:trust|key)StorePassword|sslpassword"
    r"|clientSecret|secretKey|accessKeySecret)"
)
# `Server=…;Pwd=…;` (ADO.NET, ODBC, JDBC) and `host=… password=…` (libpq)
_STRING: Final = re.compile(
    rf"(?<![\w.\-$]){_KEYWORD}[ ]?=[ ]?(?:'(?P<quoted>[^'\s\"\\]{{4,160}})'"
    rf"|\{{(?P<braced>[^}}\s\"'\\]{{4,160}})\}}"
    rf"|(?P<bare>{_VALUE}))(?=[;\"'\s\\<&`]|$)",
    re.IGNORECASE,
)
_NEIGHBOUR: Final = re.compile(
    r"(?<![\w.])(?:server|data source|datasource|address|addr|network address"
    r"|host|hostname|hostaddr|port|driver|dsn"
    r"|user(?:[ _]?(?:id|name))?|uid|database|dbname|initial catalog"
    r"|provider|service|sid|pooling|encrypt|sslmode"
    r"|persist security info|integrated security|trusted_connection"
    r"|trustservercertificate|multipleactiveresultsets"
    r"|connect(?:ion)?[ _]?timeout|warehouse|account|schema|protocol|endpoint|virtualhost|accesskeyid)[ ]?=",
    re.IGNORECASE,
)
# Options of a mount go on behind a comma
_NEXT_OPTION: Final = re.compile(r",(?=[a-z_]{2,20}=\w)")
_JDBC: Final = re.compile(r"jdbc:|://")
_STRING_REACH: Final = 400
# Query parameters of a URL that name a password
_PARAMETER: Final = re.compile(
    rf"(?:[?&]|&amp;|%26|\\u0026){_KEYWORD}(?:=|%3D)(?P<span>(?:[^\s&;\"'\\<>`(){{}},]){{5,160}}+)",
    re.IGNORECASE,
)
# Azure storage, Service Bus, Event Hubs, IoT Hub, Cosmos DB, App Configuration, Communication Services
_AZURE: Final = re.compile(
    r"(?<![A-Za-z])(?:AccountKey|SharedAccessKey|SharedSecretValue"
    r"|AccessKey|Secret|AuthKey|PrimaryKey)[ ]?=[ ]?"
    r"(?P<span>[A-Za-z0-9+/]{30,120}+={0,2})(?![A-Za-z0-9+/])",
    re.IGNORECASE,
)
_AZURE_NEIGHBOUR: Final = re.compile(
    r"AccountName|Endpoint\s?=|HostName\s?=|AccountEndpoint|SharedAccessKeyName|DefaultEndpoints|DeviceId|;Id=",
    re.IGNORECASE,
)
_SAS: Final = re.compile(r"SharedAccessSignature[ ]?[= ][ ]?(?P<span>\??[^\s;\"'<>\\]{40,600}+)")
_REDIS: Final = re.compile(
    r"[\w\-]\.?[\w.\-]{0,80}:\d{2,5},(?:\w{1,30}=[\w.]{1,40},){0,8}password=(?P<span>[^\s,;\"'<>\\]{6,200}+)",
    re.IGNORECASE,
)
_ORACLE: Final = re.compile(
    r"(?:jdbc:oracle:(?:thin|oci8?):|(?<![\w./\-])(?=[A-Za-z][\w$#.]{0,30}/"
    r"[^\s@\"'/]{4,64}@(?://|\w[\w.\-]{1,60}:\d{4}/)))"
    r"[\"']?(?P<user>[A-Za-z][\w$#.]{0,30})/(?P<span>[^\s@\"'/\\<>]{4,64})@(?=/{0,2}[\w(])"
)
_ORACLE_TRIGGER: Final = re.compile(r"@(?://|\w[\w.\-]+:\d{4}/)|jdbc:oracle:")
_JAAS: Final = re.compile(
    r"(?:LoginModule\b|username[ ]?=[ ]?\\{0,3}[\"'])[^\n]{0,200}?\bpassword[ ]?=[ ]?\\{0,3}(?P<quote>[\"'])"
    r"(?P<span>[^\s\"'\\]{4,160})\\{0,3}(?P=quote)"
)
_JAAS_TRIGGER: Final = re.compile(r"\bpassword[ ]?=[ ]?\\{0,3}[\"'][^\s\"'\\]{4}")
_PROPERTY: Final = re.compile(
    r"(?:name|key)=[\"'][\w.\-:/]{0,80}(?:password|passwd|secret|secretkey"
    r"|apikey|api[._\-]key|token|passphrase)[\"']"
    r"(?:[ ]value=[\"']|[^<>]{0,60}>(?:<value>)?)\s{0,20}(?P<span>[^\s\"'<>]{4,200})\s{0,20}(?:[\"']|</)",
    re.IGNORECASE,
)
# What a form carries so that no other site can send it
_FORM_TOKEN: Final = re.compile(r"csrf|xsrf|authenticity|requestverification", re.IGNORECASE)


def _string(match: re.Match[str]) -> Range | None:
    """Accept the password of a string of keywords when another keyword of such a string is near."""
    name = match.lastgroup or "bare"
    start, end = match.span(name)
    value = match[name]
    before = match.string[max(0, start - _STRING_REACH) : match.start()]
    after = match.string[end : end + _STRING_REACH]
    if name == "bare" and value.rstrip(":").endswith((",", ")")):
        return None
    if not _is_neighboured(before, after) or is_reference(value):
        return None
    option = _NEXT_OPTION.search(value)
    value = value if option is None else value[: option.start()]
    end = start + len(value.rstrip(":"))
    end -= backslashes(match.string, end) % 2
    return (start, end) if is_login(value) else None


def _property(match: re.Match[str]) -> Range | None:
    return None if _FORM_TOKEN.search(match[0]) is not None else accept_mixed(match)


def _parameter(match: re.Match[str]) -> Range | None:
    span = accept_mixed(match)
    if span is None:
        return None
    return span[0], span[0] + len(match.string[slice(*span)].rstrip(":"))


@lru_cache(maxsize=256)
def _is_neighboured(before: str, after: str) -> bool:
    """Tell whether the same line, or the next to it, holds another keyword before or after a `;` or blank."""
    tail = before.rsplit("\n", 1)[-1] if before.count(";") == 0 else before
    head = after.split("\n", 1)[0]
    glued = (
        tail.rstrip(" ").endswith((";", "?", "&"))
        or head.startswith((";", " ", "'", "}"))
        or tail.endswith(" ")
    )
    return glued and (
        _NEIGHBOUR.search(tail) is not None
        or _NEIGHBOUR.search(head) is not None
        or _JDBC.search(tail) is not None
    )


def _azure(match: re.Match[str]) -> Range | None:
    low, high = max(0, match.start() - _STRING_REACH), match.end() + _STRING_REACH
    near = _AZURE_NEIGHBOUR.search(match.string, low, high) is not None
    named = match[0][:6].lower() in ("accoun", "shared")
    return match.span("span") if (near or named) and len(set(match["span"])) > 12 else None  # noqa: PLR2004  a key has more


_RULES: Final = (
    *url_rules(),
    Rule(
        "connection-string",
        "SECRET",
        "balanced",
        _STRING,
        _string,
        yes=(
            '"Server=db;User Id=app;Password=«{pw:12}»;"',
            "Driver={X};Server=h;Uid=u;Pwd=«{an:10}»;Port=1",
            "host=h user=u password=«{an:10}» dbname=d",
            "jdbc:sqlserver://h:1;user=u;password=«{an:10}»;encrypt=true",
        ),
        no=(
            "connect(host=h, user=u, password=settings.password)",
            "Server=h;Uid=u;Pwd=password;",
            "host=h user=u password=$PGPASS",
        ),
    ),
    Rule(
        "url-password-parameter",
        "SECRET",
        "balanced",
        _PARAMETER,
        _parameter,
        yes=("jdbc:mysql://h/d?user=u&password=«{an:12}»",),
        no=("/login?user=u&password=password",),
    ),
    Rule(
        "azure-connection-key",
        "SECRET",
        "permissive",
        _AZURE,
        _azure,
        yes=(
            "AccountName=x;AccountKey=«{b64:86}==»;EndpointSuffix=y",
            "Endpoint=sb://x/;SharedAccessKeyName=R;SharedAccessKey=«{b64:43}=»",
        ),
        no=("AccountKey=your-account-key",),
    ),
    Rule(
        "azure-connection-signature",
        "SECRET",
        "permissive",
        _SAS,
        accept_login,
        yes=('"SharedAccessSignature=«sv=2020-08-04&sig={an:60}»"',),
    ),
    Rule(
        "redis-connection-password",
        "SECRET",
        "permissive",
        _REDIS,
        accept_login,
        yes=("x.redis.cache.windows.net:6380,password=«{b64:43}=»,ssl=True",),
        no=("h:6380,password=password,ssl=True",),
    ),
    Rule(
        "oracle-login",
        "SECRET",
        "balanced",
        _ORACLE,
        accept_login,
        _ORACLE_TRIGGER,
        yes=("jdbc:oracle:thin:app/«{an:10}»@//h:1521/x", "app/«{an:10}»@//h:1521/x"),
        no=("jdbc:oracle:thin:scott/tiger@h:1521:x",),
    ),
    Rule(
        "login-module-password",
        "SECRET",
        "balanced",
        _JAAS,
        accept_mixed,
        _JAAS_TRIGGER,
        yes=('x.PlainLoginModule required username="app" password="«{an:12}»";',),
        no=('username="u" password="password";',),
    ),
    Rule(
        "property-element",
        "SECRET",
        "balanced",
        _PROPERTY,
        _property,
        yes=(
            '<property name="hibernate.connection.password">«{pw:12}»</property>',
            '<add key="SmtpPassword" value="«{an:12}»"/>',
        ),
        no=('<property name="connection.password">password</property>',),
    ),
)


def connection_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials in URLs and connection strings."""
    return _RULES
