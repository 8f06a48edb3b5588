"""Credentials of networks and accounts in files of their own: Wi-Fi, VPN, routers, password hashes.

Sources: wpa_supplicant.conf(5), wg(8), ipsec.secrets(5), pppd(8), RFC 2307 (hashes in directories),
pwdump's output, the configuration guides of IOS and Junos.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from filters.redact.secrets.forms import Form, form_rules
from filters.redact.secrets.logins import is_login, is_mixed, is_stand_in, is_token

if TYPE_CHECKING:
    from filters.redact.rule import Rule

_LINE: Final = re.MULTILINE
_CRYPT: Final = re.compile(r"\$\w{1,9}\$[\w./$]{20,}")

# The end of markup or of a mapping, or a number: no value to the end of the line
_MARKUP: Final = re.compile(r"--[ ]?>|\]\]>|</|[})\]]+$|^[-+]?\d+\.\d")


def _is_wifi(value: str) -> bool:
    """Tell whether this may be a WPA passphrase: 8 to 63 characters, or 64 hexadecimal digits."""
    if _MARKUP.search(value) is not None:
        return False
    return 8 <= len(value) <= 64 and not is_stand_in(value)  # noqa: PLR2004  IEEE 802.11i


def _is_device_secret(value: str) -> bool:
    """Tell whether this may be a password on a network device, hashed (`$9$…`) or not."""
    return _CRYPT.match(value) is not None or is_mixed(value)


def _is_key(value: str) -> bool:
    return len(set(value)) > 12 and not is_stand_in(value)  # noqa: PLR2004  32 random bytes have more


_FORMS: Final = (
    Form(
        "wifi-passphrase",
        r"(?<![\w\-])(?:wpa_passphrase|psk|wpa-psk|sae_password|wpa_psk"
        r"|wep_key[0-3])[ ]?[=:][ ]{0,4}(?P<quote>[\"']?)(?P<span>[^\s\"'][^\"'\n\r]{7,63}?)"
        r"(?P=quote)[ \t\r]{0,4}$",
        _is_wifi,
        ('    psk="«{an:12}»"\n', "psk=«{hex:64}»", "wpa_passphrase=«{pw:14}»\n"),
        ('    psk="password"', "psk=your-passphrase"),
        _LINE,
    ),
    Form(
        "wireguard-key",
        r"(?:PrivateKey|PresharedKey|private_key|preshared_key)[\"']?"
        r"[ ]?[=:][ ]?\\{0,3}[\"']?(?P<span>[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)"
        r"(?!=)",
        _is_key,
        ("PrivateKey = «{b64:42}8=»",),
        ("PublicKey = {b64:42}8=",),
        0,
        "permissive",
    ),
    Form(
        "ipsec-secret",
        r"(?:^|\s):[ \t]{1,8}(?:PSK|EAP|XAUTH|NTLM|RSA[ ][^\s]{1,60})"
        r"[ \t]{1,8}\"(?P<span>[^\"\n]{5,160})\"",
        is_login,
        ('10.0.0.1 10.0.0.2 : PSK "«{an:24}»"',),
        (': PSK "secret"',),
    ),
    Form(
        "chap-secret",
        r"^[\"']?[\w@.\-\\]{1,60}[\"']?[ \t]{1,20}(?:\*|(?:x?l2tp|pptp|pppoe?|vpn)[\w\-]{0,20})"
        r"[ \t]{1,20}[\"']?(?P<span>[^\s:\"'<>\\;`]{5,160})[\"']?[ \t]{1,20}(?:\*|(?:\d{1,3}\.){3}\d{1,3})"
        r"[ \t\r]{0,4}$",
        is_token,
        ("bob * «{an:12}» *",),
        ("a * b * c",),
        _LINE,
        trigger=r"[ \t]\*[ \t]+[\"']?[^\s:\"'<>\\;`]{5,}[\"']?[ \t]+[*0-9]"
        r"|[ \t](?:x?l2tp|pptp|pppoe?|vpn)[\w\-]*[ \t]+[\"']?[^\s:\"'<>\\;`]{5,}[\"']?[ \t]+[*0-9]",
    ),
    Form(
        "network-device-secret",
        r"^[ \t]{0,8}(?:set[ ])?(?:enable[ ](?:algorithm-type[ ]\w{1,10}"
        r"[ ])?(?:secret|password)|username[ ][^\s]{1,40}[ ](?:privilege"
        r"[ ]\d{1,2}[ ])?(?:secret|password)|snmp-server[ ]community"
        r"|(?:tacacs|radius)(?:-server)?[ ](?:host[ ][^\s]{1,40}[ ])?key"
        r"|pre-shared-key(?:[ ](?:local|remote|address[ ][^\s]{1,40}[ ]key"
        r"|ascii-text))?|crypto[ ]isakmp[ ]key|key-string|ppp[ ]chap[ ]password"
        r"|neighbor[ ][^\s]{1,40}[ ]password|wpa-psk[ ]ascii|ip[ ]ospf"
        r"[ ](?:authentication|message-digest)-key(?:[ ]\d{1,3}[ ]md5)?)"
        r"[ ](?:level[ ]\d{1,2}[ ])?(?:[05-9][ ]|sha512[ ])?[\"']?(?P<span>"
        r"[^\s\"']{5,160})",
        _is_device_secret,
        (
            "enable secret 5 «$1${an:4}${an:22}»",
            "username bob privilege 15 password 7 «{HEX:20}»",
            "snmp-server community «{an:12}» RO",
        ),
        ("enable secret password", "snmp-server community public RO"),
        _LINE,
        trigger=r"enable (?:secret|password|algorithm)|username |snmp-server community |tacacs|radius|pre-shared-key"
        r"|isakmp key |key-string |chap password |neighbor |wpa-psk ascii |ip ospf ",
    ),
)


def device_file_rules() -> tuple[Rule, ...]:
    """Return the rules for credentials of networks and accounts."""
    return form_rules(_FORMS)
