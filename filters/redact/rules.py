"""The rule table, put together: every rule there is, and those of one level."""

from __future__ import annotations

from functools import cache

from filters.redact.personal.accounts import account_rules
from filters.redact.personal.cards import card_rules
from filters.redact.personal.devices import device_rules
from filters.redact.personal.emails import email_rules
from filters.redact.personal.identities import identity_rules
from filters.redact.personal.network import network_rules
from filters.redact.personal.phones import phone_rules
from filters.redact.personal.wallets import wallet_rules
from filters.redact.plugins import plugin_rules
from filters.redact.rule import LEVELS, Level, Rule
from filters.redact.secrets.assignments import assignment_rules
from filters.redact.secrets.commands import command_rules
from filters.redact.secrets.connections import connection_rules
from filters.redact.secrets.credential_files import credential_file_rules
from filters.redact.secrets.headers import header_rules
from filters.redact.secrets.keys import key_rules
from filters.redact.secrets.named_blocks import named_block_rules
from filters.redact.secrets.named_secrets import named_secret_rules
from filters.redact.secrets.web_tokens import web_token_rules
from filters.redact.tokens.table import token_rules


@cache
def every_rule() -> tuple[Rule, ...]:
    """Return the whole table; the order has no meaning but is always the same."""
    return (
        *key_rules(),
        *web_token_rules(),
        *connection_rules(),
        *command_rules(),
        *header_rules(),
        *credential_file_rules(),
        *token_rules(),
        *named_secret_rules(),
        *named_block_rules(),
        *assignment_rules(),
        *plugin_rules(),
        *email_rules(),
        *network_rules(),
        *device_rules(),
        *phone_rules(),
        *card_rules(),
        *account_rules(),
        *identity_rules(),
        *wallet_rules(),
    )


@cache
def rules(level: Level) -> tuple[Rule, ...]:
    """Return the rules that apply at one level; none when it is off."""
    if level == "off":
        return ()
    limit = LEVELS.index(level)
    return tuple(rule for rule in every_rule() if LEVELS.index(rule.level) <= limit)
