"""Presidio's pattern recognisers, each asked directly: no language model is loaded or needed."""

# ruff: noqa: SIM905  # a list of words reads as a line

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from interface import serve
from presidio_analyzer import predefined_recognizers as predefined

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = {
    "CREDIT_CARD": "CARD",
    "CRYPTO": "WALLET",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "PHONE_NUMBER": "PHONE",
    "US_SSN": "SSN",
    "KR_RRN": "RRN",
    "KR_FRN": "RRN",
    "MAC_ADDRESS": "MAC",
}
_WANTED: Final = (
    "CreditCardRecognizer CryptoRecognizer EmailRecognizer IbanRecognizer IpRecognizer PhoneRecognizer "
    "UsSsnRecognizer KrRrnRecognizer KrFrnRecognizer MacAddressRecognizer"
).split()
_RECOGNISERS: Final = [getattr(predefined, name)() for name in _WANTED if hasattr(predefined, name)]
_THRESHOLD: Final = 0.4


def detect(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what any recogniser is sure enough of."""
    for recogniser in _RECOGNISERS:
        for one in recogniser.analyze(text, recogniser.supported_entities, None) or ():
            if one.score >= _THRESHOLD and one.entity_type in _TYPES:
                yield one.start, one.end, _TYPES[one.entity_type]


if __name__ == "__main__":
    serve(detect)
