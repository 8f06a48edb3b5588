"""Credentials in files that exist to hold them, known by each file's own syntax.

Sources: the manual pages netrc(5), pgpass, npmrc, wpa_supplicant.conf(5), wg(8), ipsec.secrets(5), pppd(8),
redis.conf, Docker's config.json, Kubernetes' Secret, Maven's settings, IOS configuration guides.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from filters.redact.rule import Range, Rule, whole
from filters.redact.secrets.device_files import device_file_rules
from filters.redact.secrets.forms import Form, form_rules
from filters.redact.secrets.logins import is_login, is_mixed, is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

# One line of the list of users and passwords of cloud-init (its module "Set Passwords")
_ACCOUNT: Final = r"(?:-[ ])?[\"']?[a-z_][\w\-]{0,31}:"
_ACCOUNT_REACH: Final = 400
_ACCOUNTS: Final = 3
_BLANK: Final = r"[ \t]"
_WORD: Final = r"(?P<span>[^\s\"'<>\\;`]{5,160})"
_LINE: Final = re.MULTILINE


_FORMS: Final = (
    Form(
        "npm-credential",
        r"[:/]?(?<![A-Za-z])_(?:authToken|password)[ ]?=[ ]?\"?(?P<span>"
        r"[^\s\"'${}<>\\(\[*|]{8,400}+)",
        is_mixed,
        ("//r.example/:_authToken=«{an:36}»", '//r.example/:_password="«{b64:24}»"'),
        ("//r.example/:_authToken=${NPM_TOKEN}",),
    ),
    Form(
        "requirepass",
        rf"^[ \t]{{0,8}}(?:rootpw[ \t]--plaintext|bindpw|requirepass|masterauth|primaryauth|rcon_password"
        rf"|sv_password)[ \t]{{1,4}}\\{{0,1}}[\"']?{_WORD}",
        is_login,
        ("requirepass «{an:16}»\n", "bindpw «{an:10}»\n", "rootpw --plaintext «{an:12}»\n"),
        ("# requirepass foobared", "requirepass foobared"),
        _LINE,
    ),
    Form(
        "sasl-password",
        r"^(?:\[[\w.\-]{4,120}\](?::\d{2,5})?[ \t]{1,20}[^\s:@\"'{(]{1,60}(?:@[\w.\-]{3,80})?"
        r"|[\w\-]{1,40}(?:\.[\w\-]{1,40}){1,6}(?::\d{2,5})?[ \t]{1,20}[^\s:@\"'{(]{1,60}@[\w.\-]{3,80})"
        r":(?P<span>[^\s:@\"'{}()]{6,80})[ \t\r]{0,4}$",
        is_mixed,
        ("[smtp.example.com]:587 bob@example.com:«{an:14}»\n",),
        ("[smtp.example.com]:587 user:password\n",),
        _LINE,
        trigger=r"(?:\][ \t]{1,20}|\]:[0-9]{2,5}[ \t]{1,20})[^\s:]{1,140}:[^\s:@\"'{}()]{6}"
        r"|@[\w.\-]{3,80}:[^\s:@\"'{}()/]{6}",
    ),
    Form(
        "postgres-passfile",
        r"^[\w.*\-]{1,80}:(?:5[2-9]\d{2}|6\d{3}|2[56]\d{3}|\*):[\w.*\-]{1,64}:"
        r"[\w.*\-]{1,64}:(?P<span>[^\s:]{5,100})[ \t\r]{0,4}$",
        is_login,
        ("localhost:5432:app:bob:«{an:12}»\n",),
        ("localhost:5432:app:user:password\n",),
        _LINE,
    ),
    Form(
        "aws-secret-access-key",
        r"(?:aws|s3|amazon|ec2|ses|sqs|minio|wasabi|spaces|r2)?[_\-.]?"
        r"(?:secret[_\-.]?(?:access[_\-.]?)?key|secret)(?:_?id)?\\{0,3}"
        r"[\"']?\]?[ \t]{0,8}(?::=|=>|[:=,]{1,2}|\()[ \t]{0,8}\\{0,3}"
        r"[\"']?"
        r"(?P<span>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        is_token,
        ('aws_secret_access_key = "«{an:38}/x»"', '"SecretAccessKey": "«{an:38}+7»"'),
        ("aws_secret_access_key = <secret>", "aws_secret_key = ${KEY}"),
        re.IGNORECASE,
        "permissive",
    ),
    Form(
        "aws-key-pair",
        r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}[\"']?[ \t]{0,4}[:,;|/ \t]"
        r"[ \t]{0,4}[\"']?(?P<span>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        is_token,
        ("AKIA{up:16},«{an:38}/x»",),
        ("AKIA{up:16},x",),
        0,
        "permissive",
    ),
)

_NETRC: Final = re.compile(rf"(?<![\w\-])(?:password|passwd){_BLANK}{{1,8}}[\"']?{_WORD}")
_NETRC_BEFORE: Final = re.compile(
    r"(?<![\w\-])(?:machine\s{1,8}[\w.\-]{1,100}|default(?=\s{1,8}"
    r"(?:login|user|account)\s)|poll\s{1,8}[\w.\-]{1,100}|server\s"
    r"[\w.\-]{1,100})\s[\s\S]{0,200}?(?:login|user(?:name)?|account)\s{1,8}"
    r"[^\s]{1,100}\s{1,8}(?:(?:account|with|protocol|proto)\s{1,8}(?:[^\s]{1,60}\s{1,8})?)?$"
)
_NETRC_REACH: Final = 300
_VPN: Final = re.compile(
    r"<auth-user-pass>\s{1,8}[^\s<>]{1,80}\s{1,8}(?P<span>[^\s<>]{4,80})\s{1,8}</auth-user-pass>"
)
_VPN_START: Final = re.compile(r"<auth-user-pass>")
_VPN_REACH: Final = 220
_DOCKER: Final = re.compile(
    r"(?<![\w\-])(?:_?auth|identitytoken|registrytoken|dockercfg)\\{0,3}"
    r"[\"']?[ ]{0,4}[:=][ ]{0,4}\\{0,3}[\"']?(?P<span>[A-Za-z0-9+/]{12,600}+={0,2})"
    r"(?![A-Za-z0-9+/.])"
)
_DOCKER_FILE: Final = re.compile(
    r"(?<![A-Za-z0-9+/])(?P<span>eyJhdXRocyI6[A-Za-z0-9+/]{20,8000}+={0,2})"
)
# A Secret of Kubernetes; its data may stand before its kind
_SECRET_KIND: Final = re.compile(
    r"(?:^[ \t]{0,12}(?:-[ ])?kind:[ ][\"']?|\"kind\":[ ]?\")(?:Secret|SealedSecret)\b(?![\w.\-])",
    _LINE,
)
_SECRET_DATA: Final = re.compile(
    r"(?:^[ ]{1,16}\"?[\w.\-]{1,80}\"?|[{,]\s{0,40}\"[\w.\-]{1,80}\"):[ ]{0,4}[\"']?"
    r"(?P<span>[A-Za-z0-9+/]{10,2000}+={0,2})"
    r"(?=[\"' \t\r,}]|$)",
    _LINE,
)
_SECRET_REACH: Final = 1500
# What parts one object from the one before it
_SECRET_PARTS: Final = ("\n---", "\nkind:", '"kind":')
_SECRET_PART: Final = re.compile(r"^---|^[ \t]*(?:-[ ])?kind:|\"kind\":", _LINE)


def _netrc(match: re.Match[str]) -> Range | None:
    """Accept a password that stands behind a machine and a login."""
    low = max(0, match.start() - _NETRC_REACH)
    near = _NETRC_BEFORE.search(match.string, low, match.start()) is not None
    return match.span("span") if near and is_login(match["span"]) else None


def _vpn(match: re.Match[str]) -> Range | None:
    return match.span("span") if is_login(match["span"]) else None


def _decoded(value: str) -> str:
    """Return the text that base64 stands for, or nothing."""
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _pair(match: re.Match[str]) -> Range | None:
    """Accept base64 of `user:password`."""
    user, colon, password = _decoded(match["span"].rstrip("=")).partition(":")
    fits = bool(colon) and user.isprintable() and is_login(password, user)
    return match.span("span") if fits else None


def _secret_data(match: re.Match[str]) -> Iterator[Range]:
    """Yield the base64 values before and behind the kind of a Kubernetes Secret, but stand-ins."""
    text = match.string
    low = max(0, match.start() - _SECRET_REACH)
    low = max(low, *(text.rfind(part, low, match.start()) + 1 for part in _SECRET_PARTS))
    high = min(len(text), match.end() + _SECRET_REACH)
    after = _SECRET_PART.search(text, match.end(), high)
    high = high if after is None else after.start()
    for value in _SECRET_DATA.finditer(text, low, high):
        plain = _decoded(value["span"].rstrip("=")).strip()
        if plain.isprintable() and is_login(plain):
            yield value.span("span")


def _whole(match: re.Match[str]) -> Range | None:
    return match.span("span")


def _account_list_rules() -> tuple[Rule, ...]:
    """Return one rule for each of the first lines of a list of users and passwords."""
    return tuple(
        Rule(
            f"account-list-{number + 1}",
            "SECRET",
            "balanced",
            re.compile(
                r"^[ ]{0,8}chpasswd:[ ]*\r?\n(?:[ ]{1,8}expire:[^\n]{0,20}\n)?[ ]{1,8}list:[^\n]{0,8}\n"
                rf"(?:[ ]{{1,12}}{_ACCOUNT}[^\n]{{1,120}}\n){{{number}}}"
                rf"[ ]{{1,12}}{_ACCOUNT}(?P<span>[^\s\"'\n]{{5,100}})",
                re.MULTILINE,
            ),
            _account,
            re.compile("chpasswd:"),
            reach=_ACCOUNT_REACH,
            yes=(
                "chpasswd:\n  list: |\n" + "    a:{an:12}\n" * number + "    root:«{an:12}»\n",
                "chpasswd:\n  list:\n" + "    - a:{an:12}\n" * number + "    - bob:«{an:12}»\n",
            ),
            no=("chpasswd:\n  list: |\n" + "    a:password\n" * (number + 1),),
        )
        for number in range(_ACCOUNTS)
    )


def _account(match: re.Match[str]) -> Range | None:
    return match.span("span") if is_mixed(match["span"]) else None


_PAIR = base64.b64encode(("bob:" + "Wq7kX29d" + "Lm").encode()).decode()
_ENCODED = base64.b64encode(("Wq7kX29d" + "Lm4").encode()).decode()
_RULE = partial(Rule, type="SECRET", level="balanced")
_RULES: Final = (
    _RULE(
        "netrc-password",
        pattern=_NETRC,
        check=_netrc,
        yes=(
            "machine h.example login bob password «{an:12}»",
            "machine h\n  login bob\n  password «{an:12}»\n",
        ),
        no=("machine h login user password secret", "the password {an:12}"),
    ),
    _RULE(
        "vpn-user-pass",
        pattern=_VPN,
        check=_vpn,
        trigger=_VPN_START,
        reach=_VPN_REACH,
        yes=("<auth-user-pass>\nbob\n«{an:12}»\n</auth-user-pass>",),
        no=("<auth-user-pass>\nuser\npassword\n</auth-user-pass>",),
    ),
    _RULE(
        "registry-auth",
        pattern=_DOCKER,
        check=_pair,
        yes=(f'"auth": "«{_PAIR}»"',),
        no=('"auth": "dXNlcjpwYXNzd29yZA=="', '"auth": "{an:20}"'),
    ),
    _RULE(
        "registry-config",
        pattern=_DOCKER_FILE,
        check=_whole,
        yes=(".dockerconfigjson: «eyJhdXRocyI6{an:80}»",),
    ),
    _RULE(
        "cluster-secret",
        pattern=_SECRET_KIND,
        check=whole,
        spread=_secret_data,
        yes=(
            f"kind: Secret\ndata:\n  db: «{_ENCODED}»\n",
            f"data:\n  db: «{_ENCODED}»\nkind: Secret\n",
            f'{{"kind": "Secret", "data": {{"db": "«{_ENCODED}»"}}}}',
        ),
        no=(
            f"kind: ConfigMap\ndata:\n  db: {_ENCODED}\n",
            "kind: Secret\ndata:\n  db: cGFzc3dvcmQ=\n",
        ),
    ),
    *_account_list_rules(),
    *form_rules(_FORMS),
    *device_file_rules(),
)


def credential_file_rules() -> tuple[Rule, ...]:
    """Return the rules for files of credentials."""
    return _RULES
