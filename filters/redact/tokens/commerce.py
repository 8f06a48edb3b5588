"""Keys of payments, banking, shops, advertising and trading."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.token import FREE, UUID, Token

TOKENS: Final = (
    Token(
        "stripe", "key", r"(?:sk|rk)_(?:live|test|prod)_[0-9A-Za-z]{16,250}",
        yes=("sk_live_{an:24}", "sk_test_{an:99}", "rk_live_{an:24}", "rk_prod_{an:40}"),
    ),
    Token(
        "stripe", "organisation-key", r"sk_org_(?:live|test)_[0-9A-Za-z]{16,250}",
        yes=("sk_org_live_{an:80}",),
    ),
    Token(
        "stripe", "webhook-secret", r"whsec_[A-Za-z0-9+/]{24,64}={0,2}",
        yes=("whsec_{an:32}", "whsec_{b64:43}="),
    ),
    Token(
        "workos", "key", r"sk_(?:live|test)_a2V5X[A-Za-z0-9+/]{60,80}={0,2}",
        yes=("sk_live_a2V5Xz{b64:69}=",),
    ),
    Token(
        "crossmint", "key", r"(?:sk|ck)_(?:production|staging|development)_[A-Za-z0-9]{36,300}",
        yes=("sk_production_{an:100}", "ck_staging_{an:80}"),
    ),
    Token(
        "liveblocks", "key", r"sk_(?:prod|dev)_[\w-]{40,80}", floor=3.8,
        yes=("sk_prod_{url:62}a", "sk_dev_{an:48}"),
    ),
    Token(
        "toss", "key", r"(?:live|test)_g?[sc]k_[A-Za-z0-9]{20,48}", floor=3.4,
        yes=("live_sk_{an:32}", "test_gsk_{an:32}", "test_ck_{an:32}"),
    ),
    Token(
        "square", "token", r"sq0(?:atp|csp|idp)-[\w-]{22,60}|EAAA[\w-]{60}",
        yes=("sq0atp-{an:22}", "sq0csp-{an:43}", "EAAA{an:60}"),
    ),
    Token(
        "shopify", "token", r"shp(?:at|ca|pa|ss|tka|rt)_[a-fA-F0-9]{32,64}",
        yes=("shpat_{hex:32}", "shpca_{hex:32}", "shppa_{hex:32}", "shpss_{hex:32}"),
    ),
    Token(
        "paypal", "braintree-token",
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
        yes=("access_token$production${low:16}${hex:32}",),
    ),
    Token(
        "braintree", "tokenization-key", r"(?:production|sandbox)_[a-z0-9]{8}_[a-z0-9]{16}",
        yes=("production_{low:8}_{low:16}",),
    ),
    Token("paypal", "token", r"A21AA[\w-]{60,100}", yes=("A21AA{an:92}",)),
    Token(
        "razorpay", "key", r"rzp_(?:live|test)_[A-Za-z0-9]{14}", floor=3.0,
        yes=("rzp_live_{an:14}", "rzp_test_{an:14}"),
    ),
    Token(
        "flutterwave", "key", r"FLW(?:PUB|SEC)K(?:_TEST|_LIVE)?-[a-h0-9]{12,32}(?:-X)?",
        yes=(
            "FLWSECK-{hex:32}-X", "FLWSECK_TEST-{hex:32}-X", "FLWPUBK_TEST-{hex:32}-X",
            "FLWSECK_TEST-{hex:12}",
        ),
    ),
    Token(
        "plaid", "token",
        rf"(?:access|link|public|processor)-(?:sandbox|development|production)-{UUID}",
        yes=("access-sandbox-{uuid}", "access-production-{uuid}"),
    ),
    Token(
        "checkout", "key", rf"sk_(?:test_)?{UUID}|sk_sbox_[a-z0-9]{{26,30}}",
        yes=("sk_{uuid}", "sk_test_{uuid}", "sk_sbox_{low:27}"),
    ),
    Token(
        "adyen", "key",
        r"AQE[a-z][A-Za-z0-9+/]{60,200}={0,2}-[A-Za-z0-9+/]{20,80}={0,2}-"
        r"[\w(+/=#$^~!:;?.|-]{8,24}[\w(+/=#$^~!?|-]",
        zeros=True,
        yes=("AQEy{b64:100}-{b64:43}=-{an:16}",),
    ),
    Token(
        "mollie", "key",
        r"(?:live|test)_(?=[A-Za-z]{0,29}\d)[A-Za-z0-9]{30}(?!\()|access_(?=[A-Za-z]{0,29}\d)"
        r"[A-Za-z0-9]{30,60}",
        floor=3.8,
        yes=("live_{an:30}", "test_{an:30}", "access_{an:40}"),
        no=(
            "test_decorateInPlaceMutatesOriginal",
            "def test_buildProtocolIPv6AddressScopeID(self):",
        ),
    ),
    Token(
        "gocardless", "token", r"(?:live|sandbox)_[\w-]{40}", floor=4.0,
        yes=("live_{an:40}", "sandbox_{an:40}"),
    ),
    Token(
        "lob", "key", r"(?:live|test)_(?:pub_)?[a-f0-9]{31,35}",
        yes=("live_{hex:35}", "test_pub_{hex:31}"),
    ),
    Token(
        "klarna", "key", r"klarna_(?:live|test)_(?:api|client)_[\w*-]{24,160}[\w-]",
        yes=("klarna_live_api_{an:80}",),
    ),
    Token(
        "mercadopago", "token", r"(?:APP_USR|TEST)-\d{12,18}-\d{6}-[a-f0-9_]{32,36}-\d{6,12}",
        yes=("APP_USR-{dig:16}-{dig:6}-{hex:32}-{dig:9}",),
    ),
    Token(
        "cashfree", "key", r"cfsk_ma_(?:prod|test)_[a-f0-9]{32}_[a-f0-9]{8}",
        yes=("cfsk_ma_prod_{hex:32}_{hex:8}",),
    ),
    Token(
        "omise", "key", r"skey_(?:test_)?[a-z0-9]{19}", floor=3.0,
        yes=("skey_{low:19}", "skey_test_{low:19}"),
    ),
    Token(
        "midtrans", "key", r"(?:SB-)?Mid-(?:server|client)-[\w-]{16,24}", floor=3.5,
        yes=("Mid-server-{an:20}", "SB-Mid-server-{an:20}"),
    ),
    Token(
        "xendit", "key", r"xnd_(?:production|development)_[A-Za-z0-9]{40,80}",
        yes=("xnd_production_{an:60}", "xnd_development_{an:60}"),
    ),
    Token(
        "asaas", "key", r"\$aact_(?:prod_|hmlg_)?[\w-]{20,200}(?:::[\w:-]{10,300})?",
        yes=("$aact_prod_{an:60}", "$aact_hmlg_{an:40}"),
    ),
    Token("monnify", "key", r"MK_(?:PROD|TEST)_[A-Z0-9]{10}", yes=("MK_PROD_{up:10}",)),
    Token("sumup", "key", r"sup_sk_[A-Za-z0-9]{30,60}", yes=("sup_sk_{an:32}",)),
    Token(
        "paddle", "key", r"pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}",
        yes=("pdl_live_apikey_{low:26}_{an:22}_{an:3}",),
    ),
    Token(
        "polar", "token", r"polar_(?:oat|pat|at|rt|cs|whs|ci|cr)_[\w-]{20,100}",
        yes=("polar_oat_{an:43}", "polar_pat_{an:43}", "polar_at_u_{an:43}"),
    ),
    Token(
        "mercury", "token",
        r"(?:secret-token:)?mercury_(?:production|sandbox)_[a-z]{3,6}_[A-Za-z0-9]{40,50}_yrucrem",
        yes=("mercury_production_rma_{an:44}_yrucrem",),
    ),
    Token(
        "ramp", "secret", r"ramp_(?:sec|id)_[A-Za-z0-9]{40,48}",
        yes=("ramp_sec_{an:48}", "ramp_id_{an:40}"),
    ),
    Token("brex", "token", r"bxt_[A-Za-z0-9]{36,60}", yes=("bxt_{an:40}",)),
    Token("rainforest", "key", r"apikey_[a-f0-9]{64}", yes=("apikey_{hex:64}",)),
    Token(
        "duffel", "token", r"duffel_(?:test|live)_[\w=-]{43}",
        yes=("duffel_test_{an:43}", "duffel_live_{an:43}"),
    ),
    Token("easypost", "key", r"EZ[AT]K[A-Za-z0-9]{54}", yes=("EZAK{an:54}", "EZTK{an:54}")),
    Token(
        "shippo", "token", r"shippo_(?:live|test)_[a-fA-F0-9]{40}",
        yes=("shippo_live_{hex:40}", "shippo_test_{hex:40}"),
    ),
    Token(
        "ebay", "client-id",
        FREE + r"[A-Za-z0-9][\w-]{2,80}-(?:PRD|SBX)-[a-f0-9]{8,12}-[a-f0-9]{8,12}",
        yes=("Acme-Shop-PRD-{hex:9}-{hex:8}",),
    ),
    Token(
        "ebay", "client-secret", r"(?:PRD|SBX)-[a-f0-9]{8,12}(?:-[a-f0-9]{4}){3}-[a-f0-9]{4,12}",
        yes=(
            "PRD-{hex:12}-{hex:4}-{hex:4}-{hex:4}-{hex:4}",
            "SBX-{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}",
        ),
    ),
    Token("woocommerce", "key", r"c[sk]_[a-f0-9]{40}", yes=("ck_{hex:40}", "cs_{hex:40}")),
    Token(
        "facebook", "token", r"EAA[A-Z][A-Za-z0-9]{80,400}",
        yes=("EAAC{an:160}", "EAAM{an:120}", "EAAB{an:180}"),
    ),
    Token(
        "facebook", "app-token", FREE + r"\d{15,16}(?:\||%7C)[\w-]{27,40}", floor=3.6,
        yes=("{dig:15}|{an:27}", "{dig:16}%7C{an:32}"),
    ),
    Token(
        "instagram", "token", r"IG(?:QV|Q|AA)[\w-]{80,300}",
        yes=("IGQVJ{an:140}", "IGAA{an:170}"),
    ),
    Token("oculus", "token", r"OC\|\d{14,18}\|[\w-]{28,40}", yes=("OC|{dig:16}|{hex:32}",)),
    Token("pinterest", "token", r"pina_[\w-]{20,200}", yes=("pina_{up:60}",)),
    Token(
        "branch", "key", r"(?:key|secret)_(?:live|test)_[A-Za-z0-9]{32}", floor=3.6,
        yes=("key_live_{an:32}", "secret_test_{an:32}"),
    ),
    Token("robinhood", "key", rf"rh-api-{UUID}", yes=("rh-api-{uuid}",)),
    Token("revenuecat", "key", r"(?:sk|atk)_[A-Za-z]{32}", floor=3.9, yes=("sk_{let:32}",)),
    Token("courier", "key", r"pk_(?:prod|test)_[A-Z0-9]{28}", yes=("pk_prod_{up:28}",)),
    Token(
        "persona", "key", r"persona_(?:production|sandbox)_[\w-]{20,80}",
        yes=("persona_production_{low:36}", "persona_sandbox_{low:36}"),
    ),
    Token(
        "onfido", "token",
        r"api_(?:live|sandbox)(?:_(?:us|ca|eu))?\.[\w-]{11,80}(?:\.[\w-]{20,80})?", floor=3.6,
        yes=("api_live.{an:11}.{an:32}", "api_live_us.{an:40}", "api_live_ca.{an:40}"),
    ),
    Token("samsara", "token", r"samsara_api_[A-Za-z0-9]{26,32}", yes=("samsara_api_{an:30}",)),
)  # fmt: skip
