"""Private keys without their header lines: base64 known by its first bytes, JWK and XML members.

The first bytes are those of the ASN.1 structures of RFC 8017 (RSA), RFC 5208 and 5958 (PKCS 8),
RFC 5915 (EC) and RFC 8410 (Ed25519), of OpenSSH's own format (PROTOCOL.key) and of minisign.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from filters.redact.rule import Range, Rule, ends_escape, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN: Final = r"[A-Za-z0-9+/]"
# The next line of wrapped base64: a break, perhaps quotes and signs that join strings, then base64
_NEXT: Final = re.compile(
    r"(?:[ \t]{0,8}\\{0,4}[\"']?[ \t]{0,8}[+.,&\\]?[ \t]{0,8}(?:\r?\n|\\{1,4}[nr](?:\\{1,4}n)?)"
    r"[ \t]{0,80}(?:[#>+*|]{1,3}[ \t]{0,8}|//[ ]?)?[ \t]{0,80}[+.&]?[ ]?[\"']?)"
    r"(?:[A-Za-z0-9+/]{32,}+={0,2}|[A-Za-z0-9+/]{2,31}+={1,2}|[A-Za-z0-9+/]{4,31}+(?=[\s\"'\\]|$))"
)
_MAX_LINES: Final = 400
_FULL_LINE: Final = 32
_PEM_AS_BASE64: Final = re.compile(
    r"(?:LS0tLS1CRUdJTi|TFMwdExTMUNSVWRKVGl)[A-Za-z0-9+/]{40,}+={0,2}"
)
_MARK: Final = b"PRIVATE KEY"

_DER: Final = re.compile(
    rf"(?<![A-Za-z0-9+/=])[A-Za-z]?(?:"
    # PKCS 1 and DSA: SEQUENCE, version 0, a long INTEGER; PKCS 8 of RSA
    rf"MII[A-Z]{_RUN}{{2}}IBA(?:AK[BC]|AJB|DANBgkqhkiG9w0BAQEFAASC)"
    # EC: P-256, P-384, P-521, secp256k1; in PKCS 8
    r"|MHcCAQEEI|MHQCAQEEI|MIGkAgEBBD|MIHcAgEBBEI|MIG[HE2]AgEAMB[AQM]G|MIHuAgEAMBAG|MIGNAgEAMBAG"
    # Ed25519, X25519, Ed448, X448
    r"|MC4CAQAwBQYDK2V|M(?:FMC|HIC|EYC|EcC|FEC)AQ[AE]wBQYDK2V"
    # encrypted PKCS 8 (PBES2)
    rf"|MII[A-Z]{_RUN}{{2,3}}[BDME]{_RUN}{{0,2}}(?:BgkqhkiG9w0BBQ|GCSqGSIb3DQEF|YJKoZIhvcNAQU)"
    r"|MI[GH][A-Za-z]MFcGCSqGSIb3DQEFDT"
    r"|b3BlbnNzaC1rZXktdjEA"
    r"|RWRTY0Iy|RWQAAEIy|RWRCS"
    rf"){_RUN}{{30,}}+={{0,2}}"
)

_JWK: Final = re.compile(r"(?<![\w])kty(?![\w])")
_JWK_MEMBER: Final = re.compile(
    r"(?<![\w\"'])\\{0,4}[\"']?(?:d[pq]?|p|qi?|k)\\{0,4}[\"']?[ ]?(?::|=>)[ ]?\\{0,4}[\"']"
    r"(?P<span>[A-Za-z0-9_\-]{20,2068})=?\\{0,4}[\"']"
)
_JWK_REACH: Final = 3000
_XML: Final = re.compile(
    r"<(?:D|P|Q|DP|DQ|InverseQ|(?:\w{1,12}:)?PrivateKey)>\s{0,40}(?P<span>[A-Za-z0-9+/][A-Za-z0-9+/=\s]{18,4600}[A-Za-z0-9+/=])\s{0,40}"
    r"</(?:D|P|Q|DP|DQ|InverseQ|(?:\w{1,12}:)?PrivateKey)>"
)
_XML_TRIGGER: Final = re.compile(
    r"<(?:D|P|Q|DP|DQ|InverseQ)>\s{0,40}[A-Za-z0-9+/=]{20}|PrivateKey>"
)
# BIND's private key files (RFC 4034 keys as `dnssec-keygen` writes them)
_DNSSEC: Final = re.compile(
    r"^(?:PrivateExponent|Prime[12]|Exponent[12]|Coefficient|PrivateKey|Private_value\(x\)|Key): "
    r"(?P<span>[A-Za-z0-9+/]{20,2048}={0,2})[ \t\r]{0,4}$",
    re.MULTILINE,
)
_DNSSEC_TRIGGER: Final = re.compile(
    r"(?:onent|Prime|onent[12]|Prime[12]|cient|Key|\(x\)): [A-Za-z0-9+/]{20}"
)
_AGE: Final = re.compile(
    r"(?<![A-Z0-9])AGE-(?:SECRET-KEY(?:-PQ)?|PLUGIN-[A-Z0-9]{1,20})-1[0-9A-Z]{50,4000}"
)


def wrapped(text: str, end: int) -> int:
    """Return where base64 that ends at `end` ends when it goes on over further lines."""
    for _ in range(_MAX_LINES):
        match = _NEXT.match(text, end)
        if match is None:
            return end
        end = match.end()
        if end - match.start() < _FULL_LINE or text[end - 1] == "=":
            return end
    return end


def _encoded_pem(match: re.Match[str]) -> Range | None:
    """Accept the base64 of a whole block whose label says that it is private."""
    head = match[0][:120]
    for _ in range(2):
        try:
            head = base64.b64decode(head[: len(head) // 4 * 4]).decode("latin-1")
        except ValueError:
            return None
        if _MARK.decode() in head:
            return match.start(), wrapped(match.string, match.end())
    return None


def _der(match: re.Match[str]) -> Range | None:
    """Accept base64 with the first bytes of a private key, on all its lines."""
    text, start = match.string, match.start()
    if not text.startswith(("MI", "MH", "MC", "MF", "ME", "b3", "RW"), start):
        if not ends_escape(text, start + 1):
            return None
        start += 1
    end = wrapped(text, match.end())
    return None if len(set(text[start:end])) < 16 or text[end : end + 3] == "..." else (start, end)  # noqa: PLR2004  16: see keys


def _jwk(match: re.Match[str]) -> Iterator[Range]:
    """Yield the private members of an object that names its key type (RFC 7517, 7518).

    They are looked for as far as the next mention of a key type on either side.
    """
    text, (start, end) = match.string, match.span()
    low = max(text.rfind("kty", max(0, start - _JWK_REACH), start), start - _JWK_REACH, 0)
    high = text.find("kty", end, end + _JWK_REACH)
    high = end + _JWK_REACH if high < 0 else high
    for member in _JWK_MEMBER.finditer(text, low, min(high, len(text))):
        if len(set(member["span"])) > 8:  # noqa: PLR2004  as in values
            yield member.span("span")


def _member(match: re.Match[str]) -> Range | None:
    return match.span("span") if len(set(match["span"])) > 8 else None  # noqa: PLR2004  as in values


def _is_whole(match: re.Match[str]) -> Range | None:
    return match.span() if len(set(match[0])) > 12 else None  # noqa: PLR2004  a key of this size has more


_RULES: Final = (
    Rule(
        "encoded-pem-key",
        "PRIVATE_KEY",
        "permissive",
        _PEM_AS_BASE64,
        _encoded_pem,
        no=("certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t{b64:80}",),
    ),
    Rule(
        "bare-private-key",
        "PRIVATE_KEY",
        "permissive",
        _DER,
        _der,
        yes=(
            "private_key: «MIIEpAIBAAKCAQEA{b64:240}»",
            "«MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{b64:32}\n{b64:64}\n{b64:20}==»\n",
            "body = '«b3BlbnNzaC1rZXktdjEA{b64:60}»'",
        ),
        no=(
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A{b64:200}",
            "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkq{b64:200}",
        ),
    ),
    Rule(
        "jwk-private-member",
        "PRIVATE_KEY",
        "permissive",
        _JWK,
        whole,
        spread=_jwk,
        yes=(
            '{"kty":"OKP","crv":"Ed25519","d":"«{url:43}»"}',
            '{"kty": "oct", "k": "«{url:43}»"}',
        ),
        no=('{"kty":"OKP","crv":"Ed25519","x":"{url:43}"}', '{"d": "{url:43}"}'),
    ),
    Rule(
        "xml-private-member",
        "PRIVATE_KEY",
        "permissive",
        _XML,
        _member,
        _XML_TRIGGER,
        reach=4800,
        yes=("<D>«{b64:86}==»</D>",),
        no=("<Modulus>{b64:86}==</Modulus>",),
    ),
    Rule(
        "dnssec-private-key",
        "PRIVATE_KEY",
        "permissive",
        _DNSSEC,
        _member,
        _DNSSEC_TRIGGER,
        yes=("PrivateExponent: «{b64:86}==»\n",),
        no=("PublicExponent: {b64:86}==\n",),
    ),
    Rule(
        "age-identity",
        "SECRET",
        "permissive",
        _AGE,
        _is_whole,
        yes=("«AGE-SECRET-KEY-1{up:58}»",),
        no=("age1{low:58}",),
    ),
)


def key_material_rules() -> tuple[Rule, ...]:
    """Return the rules for private keys that stand without header lines."""
    return _RULES
