"""Provider keys without a shape of their own, known by the provider's name beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from filters.redact.tokens import (
    named_clouds,
    named_data,
    named_generic,
    named_mail,
    named_pay,
    named_social,
    named_watch,
)

if TYPE_CHECKING:
    from filters.redact.tokens.token import Token

TOKENS: Final[tuple[Token, ...]] = (
    *named_clouds.TOKENS,
    *named_watch.TOKENS,
    *named_mail.TOKENS,
    *named_pay.TOKENS,
    *named_social.TOKENS,
    *named_data.TOKENS,
    *named_generic.TOKENS,
)
