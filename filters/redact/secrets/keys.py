"""Private key blocks: a block goes as a whole, however it is quoted, escaped, indented or joined.

Blocks: RFC 7468 (PEM), RFC 9580 (PGP), RFC 4716 (SSH2), OpenVPN static keys, PuTTY's key files.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from filters.redact.rule import Range, Rule
from filters.redact.secrets.key_material import key_material_rules

# A 16,384-bit RSA key is 12.7 kB of PEM; PGP blocks with signatures run longer.
BLOCK: Final = 65_536
_GAP: Final = r"(?:[ _]|%20|\+)"
_LABEL: Final = (
    rf"(?:(?:[A-Z0-9]{{1,12}}{_GAP}){{0,4}}PRIVATE{_GAP}KEY(?:{_GAP}BLOCK)?"
    rf"|OpenVPN{_GAP}Static{_GAP}key{_GAP}V1)"
)
_BEGIN: Final = re.compile(
    rf"-----BEGIN{_GAP}{_LABEL}-----|---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----"
)
_END: Final = re.compile(
    rf"-{{4,7}}[ ]?END{_GAP}(?:SSH2 (?:ENCRYPTED )?PRIVATE KEY|{_LABEL})[ ]?-{{4,5}}"
)

# A run of base64 or hexadecimal; the shortest full line of a static key has 32 digits
_RUN: Final = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
_ESCAPE: Final = re.compile(r"\\+(?:[nrt]|u000[ad]|/)|&#(?:10|13|x[AaDd]);|<br ?/?>|%0[AaDd]")
_SLASH: Final = re.compile(r"\\+/|%2[Ff]")
_PLUS: Final = re.compile(r"%2[Bb]")
# What makes a block a specimen: something left out or to be filled in
_LEFT_OUT: Final = re.compile(
    r"\.{3}|…|<(?!br ?/?>)|[xX]{8}|[*.]{6}|YOUR|REDACTED|\{\{|\$\{|\[\.|snip|omitted", re.IGNORECASE
)
_MIN_KEY: Final = 40
_MIN_PART: Final = 200
_MIN_DISTINCT: Final = 12
_MIN_SHARE: Final = 0.4

# The lines of a block whose end is missing: headers, then runs of base64, each after a line break
_BREAK: Final = (
    r"(?:[ \t]{0,40}(?:\r?\n|\\{1,4}[nr]|[ ]|<br ?/?>|&#10;)(?:\\{1,4}[nr])?"
    r"(?:[ \t]{0,40}[\"'+#>|*/&.,\\]{1,3}){0,6}[ \t]{0,40})"
)
_HEADER: Final = (
    r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID|Subject)"
    r":[ ]?[^\r\n\\\"']{0,200}"
)
_REST: Final = re.compile(
    rf"(?:{_BREAK}{_HEADER}){{0,8}}(?:{_BREAK}{{1,3}}[A-Za-z0-9+/]{{24,}}={{0,2}}){{1,2000}}+"
    rf"(?:{_BREAK}[A-Za-z0-9+/]{{4,64}}={{0,2}}(?![\w ]))?(?:{_BREAK}=[A-Za-z0-9+/]{{4}}(?!\w))?"
)

_PUTTY: Final = re.compile(r"PuTTY-User-Key-File-[23]:")
_PUTTY_END: Final = re.compile(r"Private-MAC:\s{0,4}[0-9a-f]{40,64}")
_PUTTY_BODY: Final = re.compile(
    r"Private-Lines:[ ]?\d{1,4}(?:(?:\s{1,60}|\\{1,4}[rn]){1,4}[A-Za-z0-9+/]{16,}={0,2}){1,400}+"
)


def _block(match: re.Match[str]) -> Range | None:
    """Accept a block that holds enough base64; without its end, the base64 alone."""
    text, start, body = match.string, match.start(), match.end()
    stop = text.find("----", body, body + BLOCK)
    end = None if stop < 0 else _END.match(text, stop)
    if end is not None and is_key_body(text[body:stop]):
        return start, end.end()
    if end is not None:
        return None
    rest = _REST.match(text, body, len(text) if stop < 0 else stop)
    return None if rest is None or not is_key_body(rest[0]) else (start, rest.end())


def is_key_body(body: str) -> bool:
    """Tell whether what stands between the two lines of a block is a key and no specimen."""
    plain = _ESCAPE.sub("\n", _PLUS.sub("+", _SLASH.sub("/", body)))
    runs = _RUN.findall(plain)
    size = sum(map(len, runs))
    if size < _MIN_KEY or len(set("".join(runs))) < _MIN_DISTINCT:
        return False
    share = size / len("".join(plain.split()))
    return share >= _MIN_SHARE and (size >= _MIN_PART or _LEFT_OUT.search(body) is None)


def _putty(match: re.Match[str]) -> Range | None:
    """Accept a PuTTY file from its first line to its MAC, or to its last private line."""
    text = match.string
    stop = text.find("PuTTY-User-Key-File", match.end(), match.end() + BLOCK)
    stop = min(len(text), match.end() + BLOCK) if stop < 0 else stop
    body = _PUTTY_BODY.search(text, match.end(), stop)
    if body is None:
        return None
    end = _PUTTY_END.search(text, body.end(), min(stop, body.end() + 80))
    return match.start(), body.end() if end is None else end.end()


@cache
def key_rules() -> tuple[Rule, ...]:
    """Return the rules for private keys."""
    block = "PRIVATE KEY BLOCK-----"
    begin, end = "-" * 5 + "BEGIN ", "-" * 5 + "END "
    return (
        Rule(
            "pem-private-key",
            "PRIVATE_KEY",
            "permissive",
            _BEGIN,
            _block,
            yes=(
                f"«{begin}RSA PRIVATE KEY-----\n{{b64:64}}\n{{b64:40}}\n{end}RSA PRIVATE KEY-----»\n",
                f'k = "«{begin}PRIVATE KEY-----\\n{{b64:64}}\\n{end}PRIVATE KEY-----»\\n"',
                f"«{begin}PGP {block}\n\n{{b64:64}}\n={{b64:4}}\n{end}PGP {block}»",
                f"«{begin}EC PRIVATE KEY-----\n{{b64:64}}\n{{b64:64}}»\n\nand prose.",
            ),
            no=(
                f"{begin}CERTIFICATE-----\n{{b64:64}}\n{end}CERTIFICATE-----",
                f"{begin}PUBLIC KEY-----\n{{b64:64}}\n{end}PUBLIC KEY-----",
                f"{begin}PRIVATE KEY-----\n{{b64:40}}...\n{end}PRIVATE KEY-----",
                f"{begin}PRIVATE KEY-----\n<your key>\n{end}PRIVATE KEY-----",
            ),
        ),
        Rule("putty-private-key", "PRIVATE_KEY", "permissive", _PUTTY, _putty),
        *key_material_rules(),
    )
