"""Build the whole set from a seed: the same seed gives the same documents, whatever else has run."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from redaction_cases import (
    contexts_code,
    contexts_config,
    contexts_log,
    contexts_numbers,
    contexts_personal,
    contexts_phones,
    contexts_prose,
    urls,
)
from redaction_cases import personal as people
from redaction_cases.case import half_of
from redaction_cases.keys import key_cases
from redaction_cases.negatives import negative_cases
from redaction_cases.providers import PROVIDERS, Provider, provider_value
from redaction_cases.template import Template, render
from redaction_cases.values import PASSWORD_NAMES, PASSWORDS, TOKEN_NAMES, TOKENS, secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from random import Random

    from redaction_cases.case import Case, Value

_SECRETS = (contexts_code, contexts_config, contexts_log, contexts_prose)


def build(seed: int) -> list[Case]:
    """Return every case, positive ones first."""
    builders = (
        _provider_cases,
        _named_cases,
        _url_cases,
        key_cases,
        _personal_cases,
        negative_cases,
    )
    cases: list[Case] = []
    for place, builder in enumerate(builders):
        cases += builder(random.Random(f"{seed}/{place}"))
    return cases


def _templates() -> list[Template]:
    return [template for module in _SECRETS for template in module.TEMPLATES]


def _provider_cases(rng: Random) -> list[Case]:
    """Put the tokens of every provider into three contexts of the provider's own half."""
    return [_provider_case(rng, provider) for provider in PROVIDERS for _ in range(4)]


def _provider_case(rng: Random, provider: Provider) -> Case:
    value, half = provider_value(rng, provider), half_of(provider.name)
    fitting = [
        template
        for template in _templates()
        if template.half == half
        and template.role != "pw"
        and template.takes(value.text)
        and (template.named or not provider.named)
    ]
    return render(rng, rng.choice(fitting), value, provider.words, "provider token")


def _named_cases(rng: Random) -> list[Case]:
    """Put passwords and keys into every context of a secret under a name, four kinds each."""
    return [case for template in _templates() for case in _named(rng, template, 4, "named secret")]


def _url_cases(rng: Random) -> list[Case]:
    return [
        case for template in urls.TEMPLATES for case in _named(rng, template, 6, "URL credential")
    ]


def _named(rng: Random, template: Template, rounds: int, group: str) -> Iterable[Case]:
    kinds = (
        (*PASSWORDS, *TOKENS)
        if template.role == "any"
        else PASSWORDS
        if template.role == "pw"
        else TOKENS
    )
    for kind in _fitting(rng, template, tuple(kinds), rounds):
        value = secret(rng, kind)
        while not template.takes(value.text):
            value = secret(rng, kind)
        names = PASSWORD_NAMES if kind in PASSWORDS else TOKEN_NAMES
        yield render(rng, template, value, rng.choice(names), group)


def _fitting(rng: Random, template: Template, kinds: tuple[str, ...], rounds: int) -> list[str]:
    """Choose kinds of which at least some values may stand in the template."""
    able = [
        kind for kind in kinds if any(template.takes(secret(rng, kind).text) for _ in range(20))
    ]
    return rng.sample(able, k=min(rounds, len(able)))


def _personal_cases(rng: Random) -> list[Case]:
    cases = []
    for templates, build_one, rounds in (
        (contexts_personal.EMAILS, people.email, 6),
        (contexts_personal.ADDRESSES, people.ipv4, 3),
        (contexts_personal.ADDRESSES, people.ipv6, 2),
        (contexts_numbers.CARDS, people.card, 6),
        (contexts_numbers.IBANS, people.iban, 8),
        (contexts_numbers.SSNS, people.ssn, 8),
        (contexts_numbers.RRNS, people.rrn, 10),
        (contexts_numbers.MACS, people.mac, 6),
    ):
        cases += _filled(rng, templates, build_one, rounds)
    for kind in people.WALLETS:
        cases += _filled(rng, contexts_numbers.WALLETS, partial(people.wallet, kind=kind), 1)
    return cases + _phone_cases(rng)


def _filled(
    rng: Random, templates: Iterable[Template], build_one: Callable[[Random], Value], rounds: int
) -> list[Case]:
    return [
        render(rng, template, build_one(rng), (), template.role)
        for template in templates
        for _ in range(rounds)
    ]


def _phone_cases(rng: Random) -> list[Case]:
    """Write numbers with their country code anywhere, national ones where their country writes them."""
    cases: list[Case] = []
    for template in contexts_phones.PHONES:
        for form in ("international", "E.164", "international", "URI"):
            value = people.phone(rng, rng.choice(people.regions()), form)
            cases.append(render(rng, template, value, (), "phone"))
        cases.append(render(rng, template, people.phone(rng, "US", "national"), (), "phone"))
    for template in contexts_phones.PHONES_BY_REGION:
        region = template.id.rpartition("/")[2][:2]
        cases += [
            render(rng, template, people.phone(rng, region, form), (), "phone")
            for form in ("national", "national", "national", "international")
        ]
    return cases
