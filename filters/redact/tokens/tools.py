"""Tokens of the tools that teams work with, of games, and of interfaces sold by the call."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.token import UUID, Token

TOKENS: Final = (
    # Work
    Token(
        "postman", "key", r"PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}|PMAT-[A-Za-z0-9]{26}",
        yes=("PMAK-{hex:24}-{hex:34}", "PMAT-{up:26}"),
    ),
    Token(
        "linear", "key", r"lin_(?:api|oauth|wh)_[A-Za-z0-9]{32,64}",
        yes=("lin_api_{an:40}", "lin_oauth_{hex:64}", "lin_wh_{an:32}"),
    ),
    Token(
        "notion", "token", r"ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43}", floor=3.4,
        yes=("ntn_{dig:11}{an:35}", "secret_{an:43}"),
    ),
    Token("airtable", "token", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}", yes=("pat{an:14}.{hex:64}",)),
    Token(
        "airtable", "oauth-token", r"oaa[A-Za-z0-9]{14}\.v1\.[\w-]{40,400}\.[a-f0-9]{40,128}",
        yes=("oaa{an:14}.v1.{an:60}.{hex:64}",),
    ),
    Token(
        "figma", "token", r"fig(?:d|ur|or|oh|o|u)h?_[\w-]{38,44}",
        yes=("figd_{an:40}", "figur_{an:42}", "figoh_{an:40}"),
    ),
    Token(
        "dropbox", "token", r"sl\.(?:u\.|B\.)?[\w-]{100,1500}={0,2}",
        yes=("sl.{url:136}a", "sl.u.{url:1200}a"),
    ),
    Token(
        "dropbox", "long-token", r"[\w-]{11}A{10}[\w-]{43}", zeros=True,
        floor=4.0,
        yes=("{an:11}AAAAAAAAAA{an:43}",),
    ),
    Token(
        "asana", "token", r"[012]/\d{13,20}(?:/\d{13,20})?:[a-f0-9]{32}",
        yes=("1/{dig:16}:{hex:32}", "2/{dig:16}/{dig:16}:{hex:32}", "0/{dig:16}:{hex:32}"),
    ),
    Token("clickup", "token", r"pk_\d{6,10}_[A-Z0-9]{32}", yes=("pk_{dig:8}_{up:32}",)),
    Token(
        "trello", "token", r"ATTA[a-f0-9]{64}[A-F0-9]{0,8}",
        yes=("ATTA{hex:64}", "ATTA{hex:64}{HEX:8}"),
    ),
    Token(
        "miro", "token", r"eyJtaXJv[A-Za-z0-9-]{10,64}_[\w-]{20,64}",
        yes=("eyJtaXJvLm9yaWdpbiI6ImV1MDEifQ_{an:27}",),
    ),
    Token("typeform", "token", r"tfp_[\w.=-]{56,58}[\w=-]{1,3}", yes=("tfp_{an:44}_{an:14}",)),
    Token("tally", "key", r"tly-[A-Za-z0-9]{32}", floor=3.6, yes=("tly-{an:32}",)),
    Token(
        "cal-com", "key", r"cal_(?:live_|test_)?[a-f0-9]{32}",
        yes=("cal_live_{hex:32}", "cal_{hex:32}"),
    ),
    Token("n8n", "key", r"n8n_api_[A-Za-z0-9]{30,100}", yes=("n8n_api_{hex:80}",)),
    Token("retool", "token", r"retool_[A-Za-z0-9]{24,40}", floor=3.6, yes=("retool_{low:26}",)),
    Token("readme", "key", r"rdme_[a-z0-9]{66,72}", yes=("rdme_xn8s9h{hex:64}", "rdme_{low:70}")),
    Token(
        "workato", "token", r"wrka(?:[a-z]{2})?-eyJ[\w-]{8,400}\.[\w-]{16,2000}\.[\w-]{64,800}",
        yes=("wrkaus-eyJ{an:40}.{an:90}.{an:300}",),
    ),
    Token("zuplo", "key", r"zpka_[a-z0-9]{32}_[0-9a-f]{8}", yes=("zpka_{low:32}_{hex:8}",)),
    Token("unkey", "key", r"unkey_[A-Za-z0-9]{20,32}", floor=3.3, yes=("unkey_{an:22}",)),
    Token("val-town", "token", r"vtwn_[\w-]{20,80}", yes=("vtwn_{an:28}",)),
    Token("jumpcloud", "key", r"jca_[A-Za-z0-9]{36}", yes=("jca_{an:36}",)),
    Token(
        "ory", "token", r"ory_(?:pat|at|apikey|st|rt|ac|wak)_[\w-]{32,100}(?:\.[\w-]{40,60})?",
        yes=("ory_pat_{an:32}", "ory_at_{an:43}.{an:43}"),
    ),
    Token(
        "stytch", "secret", r"secret-(?:live|test)-[\w-]{36}={0,2}",
        yes=("secret-live-{an:36}=", "secret-test-{uuid}"),
    ),
    Token(
        "zoho", "token", r"100[0135]\.[a-f0-9]{32}\.[a-f0-9]{32}(?:-d)?",
        yes=("1000.{hex:32}.{hex:32}",),
    ),
    Token("zoho", "client-id", r"1000\.[A-Z0-9]{30}", yes=("1000.{up:30}",)),
    Token(
        "fullstory", "key", r"(?:na1|eu1)\.[A-Za-z0-9+/]{40,120}={0,2}", floor=4.0,
        yes=("na1.{b64:64}==",),
    ),
    Token(
        "settlemint", "token", r"sm_(?:aat|pat|sat)_[a-zA-Z0-9]{16}",
        yes=("sm_aat_{an:16}", "sm_pat_{an:16}", "sm_sat_{an:16}"),
    ),
    Token(
        "intra42", "secret", r"s-s4t2(?:ud|af)-[a-f0-9]{64}",
        yes=("s-s4t2ud-{hex:64}", "s-s4t2af-{hex:64}"),
    ),
    Token(
        "proof", "key", r"prf_(?:cli_)?[\w-]{20,80}", floor=3.8,
        yes=("prf_{an:40}", "prf_cli_{an:40}"),
    ),
    Token("pangea", "token", r"pangea_pts_[a-z2-7]{32}|pts_[a-z2-7]{32}", yes=("pts_{lower:32}",)),
    Token("permit", "key", r"permit_key_[A-Za-z0-9]{40,120}", yes=("permit_key_{an:86}",)),
    Token("tolgee", "key", r"tgpa[kt]_[a-z0-9_]{40,80}", yes=("tgpak_{low:52}", "tgpat_{low:52}")),
    Token("hex", "token", r"hxt[pw]_[a-f0-9]{64,128}", yes=("hxtp_{hex:96}", "hxtw_{hex:96}")),
    Token("dub", "key", r"dub_[A-Za-z0-9]{24}", floor=3.6, yes=("dub_{an:24}",)),
    Token("hcaptcha", "secret", r"ES_[a-f0-9]{32}", yes=("ES_{hex:32}",)),
    Token(
        "blockprotocol", "key", rf"b10ck5\.[a-f0-9]{{32}}\.{UUID}",
        yes=("b10ck5.{hex:32}.{uuid}",),
    ),
    Token(
        "dependency-track", "key", r"odt_(?:[A-Za-z0-9]{8}_)?[A-Za-z0-9]{32}",
        yes=("odt_{an:32}", "odt_{an:8}_{an:32}"),
    ),
    Token("arcjet", "key", r"ajkey_[a-z0-9]{26}", yes=("ajkey_{low:26}",)),
    Token("deepl", "key", rf"{UUID}:fx", yes=("{uuid}:fx",)),
    Token(
        "rapidapi", "key", r"[a-z0-9]{10}msh[a-z0-9]{15}p1[a-z0-9]{5,6}jsn[a-z0-9]{12}",
        yes=("{hex:10}msh{hex:15}p1{hex:6}jsn{hex:12}",),
    ),
    Token(
        "sidekiq", "login", r"[a-f0-9]{8}:[a-f0-9]{8}(?=@(?:gems|enterprise)\.contribsys\.com)",
        yes=("https://«{hex:8}:{hex:8}»@gems.contribsys.com/",),
    ),
    Token(
        "django", "secret-key", r"django-insecure-[\w!@#$%^&*(=+)-]{50}",
        yes=("django-insecure-{an:20}+{an:29}",),
    ),
    Token("knock", "secret", r"sk_(?:test_|live_)?[A-Za-z0-9_-]{43}", floor=4.2, yes=("sk_{an:43}", "sk_test_{an:43}")),
    Token("scrapfly", "key", r"scp-(?:live|test)-[a-f0-9]{32}", yes=("scp-live-{hex:32}", "scp-test-{hex:32}")),
    # Games
    Token("riot", "key", rf"RGAPI-{UUID}", yes=("RGAPI-{uuid}",)),
    Token(
        "roblox", "cookie", r"_\|WARNING:-DO-NOT-SHARE-THIS[^|\n]{20,200}\|_[A-Z0-9]{100,4000}",
        yes=(
            "_|WARNING:-DO-NOT-SHARE-THIS.--Sharing-this-will-allow-someone-to-log-in-as-you|_{HEX:300}",
            "_|WARNING:-DO-NOT-SHARE-THIS.--Sharing-this-will-steal-your-ROBUX-and-items.|_{HEX:1000}",
        ),
    ),
    Token("lichess", "token", r"li[po]_\w{16,60}", floor=3.4, yes=("lip_{an:20}",)),
    Token("thunderstore", "token", r"tss_[\w-]{20,80}", floor=3.5, yes=("tss_{an:40}",)),
)  # fmt: skip
