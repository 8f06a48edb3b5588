"""Every provider token, put together from the files beside it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from filters.redact.tokens import (
    clouds,
    commerce,
    cryptography,
    hosting,
    infrastructure,
    messaging,
    models,
    observability,
    tools,
)
from filters.redact.tokens.named import TOKENS as NAMED
from filters.redact.tokens.token import Token, rule_of

if TYPE_CHECKING:
    from filters.redact.rule import Rule

SHAPED: Final[tuple[Token, ...]] = (
    *hosting.TOKENS,
    *clouds.TOKENS,
    *infrastructure.TOKENS,
    *models.TOKENS,
    *commerce.TOKENS,
    *messaging.TOKENS,
    *observability.TOKENS,
    *tools.TOKENS,
    *cryptography.TOKENS,
)
EVERY_TOKEN: Final[tuple[Token, ...]] = (*SHAPED, *NAMED)


@cache
def token_rules() -> tuple[Rule, ...]:
    """Return the tables as rules."""
    return tuple(map(rule_of, EVERY_TOKEN))
