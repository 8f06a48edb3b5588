"""In the manner of the redaction of code corpora: e-mail and IP by regex, keys by detect-secrets.

The plugins that such pipelines leave out (keywords, basic auth, private keys) are left out here; a key
must look like gibberish, a private or a popular address stays, and a file in which many lines speak of
hashes keeps its keys. The expressions are our own.
"""

# ruff: noqa: SIM905  # a list of words reads as a line

from __future__ import annotations

import ipaddress
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from detect_secrets import SecretsCollection
from detect_secrets.settings import transient_settings
from interface import line_starts, places, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLUGINS: Final = (
    "ArtifactoryDetector AWSKeyDetector AzureStorageKeyDetector CloudantDetector DiscordBotTokenDetector "
    "GitHubTokenDetector IbmCloudIamDetector IbmCosHmacDetector JwtTokenDetector MailchimpDetector NpmDetector "
    "SendGridDetector SlackDetector SoftlayerDetector SquareOAuthDetector StripeDetector TelegramBotTokenDetector "
    "TwilioKeyDetector"
).split()
_SETTINGS: Final = {
    "plugins_used": [
        *({"name": name} for name in _PLUGINS),
        {"name": "Base64HighEntropyString", "limit": 4.5},
        {"name": "HexHighEntropyString", "limit": 3.0},
    ],
    "filters_used": [
        {"path": f"detect_secrets.filters.heuristic.{name}"}
        for name in (
            "is_potential_uuid",
            "is_likely_id_string",
            "is_templated_secret",
            "is_sequential_string",
        )
    ],
}
_EMAIL: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?!\w)"
)
_IPV4: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![\w:])")
_POPULAR: Final = {
    "8.8.8.8",
    "8.8.4.4",
    "1.1.1.1",
    "1.0.0.1",
    "9.9.9.9",
    "208.67.222.222",
    "208.67.220.220",
}
_HASHES: Final = re.compile(r"sha|hash", re.IGNORECASE)


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            try:
                address = ipaddress.ip_address(match[0])
            except ValueError:
                continue
            if not address.is_private and match[0] not in _POPULAR:
                yield *match.span(), "IP"


def _keys(text: str) -> Iterator[tuple[int, int, str]]:
    lines = text.split("\n")
    if sum(bool(_HASHES.search(line)) for line in lines) > 0.02 * max(50, len(lines)):
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "text.txt")
        path.write_text(text, encoding="utf-8")
        secrets = SecretsCollection()
        with transient_settings(_SETTINGS):
            secrets.scan_file(str(path))
    starts = line_starts(text)
    for _, secret in secrets:
        start = starts[min(secret.line_number, len(starts)) - 1]
        for low, high in places(text, secret.secret_value or "", start):
            yield low, high, "SECRET"


def detect(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield addresses and keys."""
    for match in _EMAIL.finditer(text):
        yield *match.span(), "EMAIL"
    yield from _addresses(text)
    yield from _keys(text)


if __name__ == "__main__":
    serve(detect)
