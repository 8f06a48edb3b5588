"""The rules of numbers, compiled on their own: of the default level, all of them, and without an engine."""

from __future__ import annotations

from functools import cache

from filters.redact.database import Scanner, build
from filters.redact.personal.accounts import account_rules
from filters.redact.personal.cards import card_rules
from filters.redact.personal.identities import identity_rules
from filters.redact.personal.phones import phone_rules
from filters.redact.personal.wallets import wallet_rules

_RULES = (*phone_rules(), *card_rules(), *account_rules(), *identity_rules(), *wallet_rules())


@cache
def balanced() -> Scanner:
    return build(tuple(rule for rule in _RULES if rule.level != "strict"))


@cache
def every() -> Scanner:
    return build(_RULES)


@cache
def plain() -> Scanner:
    return build(_RULES, "re")
