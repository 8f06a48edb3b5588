"""Tokens of monitoring, analytics, feature flags and content services."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.checksums import crc32_hex
from filters.redact.tokens.token import FREE, UUID, Token

TOKENS: Final = (
    # Monitoring
    Token(
        "sentry", "token", r"sntry[usi]_(?:[a-f0-9]{64}|eyJ[A-Za-z0-9+/=_-]{60,500})",
        yes=("sntryu_{hex:64}", "sntrys_eyJpYXQiO{b64:120}={an:1}_{b64:43}"),
    ),
    Token(
        "grafana", "service-token", r"glsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}", seal=crc32_hex,
        yes=("glsa_{an:32}_{hex:8}",),
    ),
    Token(
        "grafana", "cloud-token", r"glc_[A-Za-z0-9+/]{40,400}={0,2}",
        yes=("glc_eyJ{b64:120}==",),
    ),
    Token("grafana", "key", r"eyJrIjoi[A-Za-z0-9+/]{40,380}={0,2}", yes=("eyJrIjoi{b64:80}==",)),
    Token(
        "newrelic", "key",
        r"NR(?:AK|AL|IQ|RA|SP|AA)-[A-Za-z0-9]{27,43}|NRI[IQ]-[\w-]{32}|NRJS-[a-f0-9]{19}",
        yes=("NRAK-{up:27}", "NRII-{an:32}", "NRIQ-{an:32}", "NRJS-{hex:19}"),
    ),
    Token(
        "newrelic", "license-key", r"(?:(?:eu|gov)01xx[a-f0-9]{30}|[a-f0-9]{36})(?:FFFF)?NRAL",
        yes=("{hex:36}NRAL", "{hex:36}FFFFNRAL", "eu01xx{hex:30}NRAL"),
    ),
    Token(
        "dynatrace", "token", r"dt0[a-z]\d\d\.[A-Za-z0-9]{8,24}\.[A-Za-z0-9]{64}",
        yes=("dt0c01.{up:24}.{up:64}", "dt0s02.{up:8}.{up:64}"),
    ),
    Token(
        "datadog", "key", r"ddapp_[A-Za-z0-9]{34}|pub[a-f0-9]{32}",
        yes=("ddapp_{an:34}", "pub{hex:32}"),
    ),
    Token(
        "honeycomb", "key", r"hc[abcxm]{1,2}(?:[il]k|i?c)_[a-z0-9]{40,64}",
        yes=("hcaik_{low:58}", "hcxik_{low:58}", "hcalk_{low:58}"),
    ),
    Token("axiom", "token", rf"xa[ap]t-{UUID}", yes=("xaat-{uuid}", "xapt-{uuid}")),
    Token("checkly", "key", r"cu_[a-f0-9]{32}", yes=("cu_{hex:32}",)),
    Token("coralogix", "key", r"cxt[php]_[A-Za-z0-9]{30}", yes=("cxtp_{an:30}", "cxth_{an:30}")),
    Token("honeybadger", "key", r"hb[pu]_[A-Za-z0-9]{30,40}", floor=3.6, yes=("hbp_{an:36}",)),
    Token("rootly", "key", r"rootly_[a-f0-9]{64}", yes=("rootly_{hex:64}",)),
    Token(
        "logicmonitor", "token", r"lm[ab]_[A-Za-z0-9+/=_-]{40,140}", floor=3.8,
        yes=("lma_{an:60}", "lmb_{an:80}"),
    ),
    # Analytics
    Token(
        "posthog", "key", r"ph[cxsr]_[\w-]{41,49}", floor=3.6,
        yes=("phc_{an:43}", "phx_{an:43}", "phs_{an:43}"),
    ),
    Token("segment", "token", r"sgp_[A-Za-z0-9]{64}", yes=("sgp_{an:64}",)),
    Token(
        "statsig", "key", r"(?:secret|console)-[A-Za-z0-9]{40,50}", floor=4.0,
        yes=("secret-{an:43}", "console-{an:43}"),
    ),
    Token(
        "maxmind", "license-key", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
        yes=("{an:6}_{an:29}_mmk",),
    ),
    Token(
        "wakatime", "key", rf"waka_(?:{UUID}|[a-z0-9]{{36,64}})",
        yes=("waka_{uuid}", "waka_{low:40}"),
    ),
    # Feature flags
    Token(
        "configcat", "key", r"configcat-(?:sdk-1|proxy)/[\w-]{22}/[\w-]{22}",
        yes=("configcat-sdk-1/{an:22}/{an:22}",),
    ),
    Token(
        "devcycle", "key", r"dvc_(?:client|mobile|server)_[\w-]{8,60}", floor=3.2,
        yes=("dvc_server_{hex:8}_{hex:20}", "dvc_client_{an:32}", "dvc_mobile_{an:16}"),
    ),
    Token("flagsmith", "key", r"ser\.[A-Za-z0-9]{22}", floor=3.6, yes=("ser.{an:22}",)),
    Token(
        "unleash", "token",
        r"(?:\*|\[\]|" + FREE + r"[a-z0-9][a-z0-9_-]{0,39}):[a-z0-9_-]{1,40}\.[a-f0-9]{52,64}",
        trigger=r":[a-z0-9_-]+\.[a-f0-9]{52}",
        yes=("*:production.{hex:56}", "default:development.{hex:60}"),
    ),
    # Content and maps
    Token(
        "mapbox", "token", r"[pst]k\.eyJ[\w-]{40,250}\.[\w-]{22}",
        yes=("sk.eyJ1{an:80}.{an:22}", "pk.eyJ1{an:60}.{an:22}"),
    ),
    Token("contentful", "token", r"CFPAT-[\w-]{43}", yes=("CFPAT-{an:43}",)),
    Token("contentstack", "token", r"cs[a-f0-9]{32}", level="balanced", yes=("cs{hex:32}",)),
    Token("sanity", "token", r"sk[A-Za-z0-9]{78,180}", floor=4.8, yes=("sk{an:178}", "sk{an:80}")),
    Token("ghost", "admin-key", r"[a-f0-9]{24}:[a-f0-9]{64}", yes=("{hex:24}:{hex:64}",)),
    Token("builder-io", "key", r"bpk-[a-f0-9]{32}", yes=("bpk-{hex:32}",)),
    Token("frameio", "token", r"fio-u-[\w=-]{64}", yes=("fio-u-{an:64}",)),
    Token("canva", "secret", r"cnvca[\w-]{51}", yes=("cnvca{an:51}",)),
    Token("adobe", "secret", r"p8e-[A-Za-z0-9_-]{32}", floor=3.4, yes=("p8e-{low:32}",)),
    Token("adafruit", "key", r"aio_[A-Za-z0-9]{28}", yes=("aio_{an:28}",)),
    Token("tableau", "token", r"[A-Za-z0-9+/]{22}==:[A-Za-z0-9]{32}", yes=("{b64:22}==:{an:32}",)),
    Token(
        "salesforce", "token", r"00[A-Za-z0-9]{13}![\w.-]{78,260}[\w-]",
        yes=("00D{an:12}!AQ{an:94}",),
    ),
    Token(
        "salesforce", "refresh-token", r"5Aep861[\w.]{60,120}\w|3MVG9[\w.]{70,100}\w",
        yes=("5Aep861{an:80}", "3MVG9{an:80}"),
    ),
)  # fmt: skip
