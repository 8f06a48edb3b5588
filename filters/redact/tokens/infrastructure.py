"""Tokens of application platforms, infrastructure as code, secret stores, networks and databases."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.checksums import crc32_base62
from filters.redact.tokens.token import FREE, UUID, Token

TOKENS: Final = (
    # Platforms
    Token(
        "cloudflare", "origin-ca-key", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
        yes=("v1.0-{hex:24}-{hex:146}",),
    ),
    Token(
        "cloudflare", "token", r"cf(?:[uak]t?|[ua]t)_[A-Za-z0-9_-]{40,60}", floor=3.5,
        yes=("cfut_{an:40}{hex:8}", "cfat_{an:40}{hex:8}", "cfk_{an:40}"),
    ),
    Token(
        "cloudflare", "tunnel-token", r"eyJhIjoi[A-Za-z0-9+/_-]{100,400}={0,2}",
        yes=("eyJhIjoi{an:170}",),
    ),
    Token("heroku", "token", r"HRKU-[0-9A-Za-z_-]{60}", yes=("HRKU-AA{an:58}", "HRKU-{an:60}")),
    Token("heroku", "uuid-token", rf"HRKU-{UUID}", yes=("HRKU-{uuid}",)),
    Token(
        "flyio", "token",
        r"(?:FlyV1 [\w+/=-]{60,2000}|fm[12][ar]?_[\w+/=-]{100,2000})(?:,[\w+/=-]{60,2000}){0,8}",
        zeros=True,
        yes=("FlyV1 fm2_{b64:200}", "fm1r_{b64:180}=", "FlyV1 fm2_{b64:120},fm2_{b64:160}="),
    ),
    Token("flyio", "personal-token", r"fo1_[\w-]{43}", yes=("fo1_{an:43}",)),
    Token(
        "vercel", "token", r"vc[pkrai]_[\w-]{24,60}",
        yes=("vcp_{an:56}", "vck_{an:56}", "vca_{an:56}", "vci_{an:56}"),
    ),
    Token(
        "vercel", "blob-token", r"vercel_blob_rw_[\w-]{30,80}",
        yes=("vercel_blob_rw_{an:16}_{an:32}",),
    ),
    Token("netlify", "token", r"nf[pcoub]_[A-Za-z0-9]{36}", yes=("nfp_{an:36}", "nfc_{an:36}")),
    Token(
        "render", "key", r"rnd_[A-Za-z0-9]{28,32}", floor=3.4,
        yes=("rnd_{an:28}", "rnd_{an:32}"),
    ),
    Token(
        "northflank", "token", r"nf-eyJ[\w-]{20,600}\.[\w-]{20,2000}\.[\w-]{20,200}",
        yes=("nf-eyJ{an:40}.{an:90}.{an:43}",),
    ),
    Token("scalingo", "token", r"tk-us-[\w-]{48}", yes=("tk-us-{an:48}",)),
    Token(
        "convex", "deploy-key",
        r"(?:prod|dev|preview|project):[\w:-]{3,80}\|eyJ[A-Za-z0-9+/=_-]{40,400}",
        yes=("prod:happy-otter-123|eyJ{an:96}",),
    ),
    Token(
        "dotenv", "key", r"key_[a-f0-9]{64}|vlt_[a-f0-9]{64}",
        yes=("vlt_{hex:64}", "dotenv://:«key_{hex:64}»@dotenv.org"),
    ),
    # Infrastructure as code
    Token("portainer", "key", r"ptr_[A-Za-z0-9+/]{40,44}={0,2}", yes=("ptr_{b64:43}=",)),
    Token("testkube", "key", r"tk(?:capi|cuser|cagnt)_[a-f0-9]{24,64}", yes=("tkcapi_{hex:30}",)),
    Token(
        "tigris", "key", r"tid_[\w-]{16,60}|tsec_[\w+-]{40,80}", floor=3.8,
        yes=("tid_{an:40}", "tsec_{an:60}"),
    ),
    Token(
        "truenas", "key", FREE + r"\d{1,3}-[A-Za-z0-9]{64}", floor=4.6,
        yes=("1-{an:64}", "12-{an:64}"),
        no=("1-{hex:64}",),
    ),
    Token("warpstream", "key", r"ak[sak]_[a-f0-9]{64}", yes=("aks_{hex:64}",)),
    Token(
        "terraform", "token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}",
        yes=("{an:14}.atlasv1.{an:67}",),
    ),
    Token("pulumi", "token", r"pul-[a-f0-9]{40}", yes=("pul-{hex:40}",)),
    Token(
        "docker", "swarm-token",
        r"SWM(?:TKN-1-[a-z0-9]{50,60}-[a-z0-9]{24,30}|KEY-1-[A-Za-z0-9+/]{40,50})",
        yes=("SWMTKN-1-{low:50}-{low:25}", "SWMKEY-1-{b64:43}"),
    ),
    Token(
        "k3s", "token", r"K10[a-f0-9]{64}::(?:server|node|agent):[A-Za-z0-9]{16,64}",
        yes=("K10{hex:64}::server:{hex:32}",),
    ),
    Token(
        "rancher", "token", r"(?:token|kubeconfig|cattle)-[a-z0-9.-]{5,40}:[a-z0-9]{54}", floor=3.5,
        yes=("token-{low:5}:{low:54}", "kubeconfig-u-{low:10}:{low:54}"),
    ),
    Token(
        "kubeadm", "join-token", r"[a-z0-9]{6}\.[a-z0-9]{16}",
        near=r"(?:kubeadm join[^\n]{0,60}--|kubeadm[\w ]{0,20})token",
        yes=("kubeadm join 10.0.0.7:6443 --token «{low:6}.{low:16}» --discovery",),
    ),
    # Secret stores
    Token(
        "vault", "token", r"hv[bsr]\.[\w-]{24,300}",
        yes=("hvs.{an:24}", "hvs.{an:92}", "hvb.{an:150}", "hvr.{an:92}"),
    ),
    Token(
        "vault", "old-token", r"[sbr]\.(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}", floor=3.7,
        trigger=r"[sbr]\.[A-Za-z0-9]{24}",
        yes=("s.{an:24}",),
        no=("s.someRatherLongMethodName", "r.createApplicationWithName"),
    ),
    Token(
        "doppler", "token",
        r"dp\.(?:audit|ct|pt|sa|said|scim|st)\.(?:[a-z0-9._-]{1,40}\.)?[A-Za-z0-9]{40,44}",
        yes=("dp.pt.{an:43}", "dp.st.dev.{an:43}", "dp.sa.{an:43}", "dp.ct.{an:43}"),
    ),
    Token(
        "infisical", "token", r"st\.[a-f0-9]{24}\.[a-f0-9]{32}\.[a-f0-9]{32}",
        yes=("st.{hex:24}.{hex:32}.{hex:32}",),
    ),
    Token(
        "onepassword", "service-token", r"ops_eyJ[A-Za-z0-9+/_-]{250,2000}={0,3}",
        yes=("ops_eyJ{b64:400}=",),
    ),
    Token(
        "onepassword", "secret-key",
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
        yes=(
            "A3-{up:6}-{up:11}-{up:5}-{up:5}-{up:5}",
            "A3-{up:6}-{up:6}-{up:5}-{up:5}-{up:5}-{up:5}",
        ),
    ),
    Token(
        "bitwarden", "access-token", rf"0\.{UUID}\.[A-Za-z0-9]{{30}}:[A-Za-z0-9+/]{{22}}==",
        yes=("0.{uuid}.{an:30}:{b64:22}==",),
    ),
    Token(
        "bitwarden", "client-secret",
        rf"user_{UUID}_token_apiKeyClientSecret\\?\"\s?:\s?\\?\"([A-Za-z0-9]{{10,50}})",
        yes=('"user_{uuid}_token_apiKeyClientSecret": "«{an:30}»"',),
    ),
    Token(
        "phase", "token", r"pss_(?:service|user):v\d:[a-f0-9]{40,80}:[a-f0-9:]{60,300}",
        yes=("pss_service:v1:{hex:64}:{hex:64}:{hex:64}",),
    ),
    # Networks
    Token(
        "tailscale", "key", r"tskey-[a-z]{2,12}-[\w-]{16,80}", floor=3.0,
        yes=(
            "tskey-api-{an:12}-{an:32}", "tskey-auth-{an:12}CNTRL-{an:32}",
            "tskey-client-{an:12}-{an:32}",
        ),
    ),
    Token("netbird", "token", r"nbp_[A-Za-z0-9]{36}", seal=crc32_base62, yes=("nbp_{an:36}",)),
    Token(
        "ngrok", "token", FREE + r"[12][A-Za-z0-9]{25,27}_[0-9][A-Za-z0-9]{19,21}", floor=3.8,
        yes=("2{an:26}_4{an:20}",),
    ),
    Token(
        "defined", "networking-key", r"dnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}",
        yes=("dnkey-{up:26}-{up:52}",),
    ),
    # Databases
    Token(
        "supabase", "token", r"sbp_(?:oauth_|v0_)?[a-z0-9_-]{40}|sb_secret_[\w-]{31}",
        yes=("sbp_{hex:40}", "sbp_v0_{hex:40}", "sb_secret_{an:31}"),
    ),
    Token(
        "planetscale", "token", r"pscale_(?:tkn|pw|oauth)_[\w=.-]{31,63}[\w=-]",
        yes=("pscale_tkn_{an:43}", "pscale_pw_{an:43}", "pscale_oauth_{an:43}"),
    ),
    Token(
        "neon", "key", r"napi_[A-Za-z0-9]{60,70}|npg_[A-Za-z0-9]{12,20}", floor=3.0,
        yes=("napi_{an:64}", "npg_{an:12}"),
    ),
    Token(
        "cockroachdb", "key", r"CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}",
        yes=("CCDB1_{an:22}_{an:40}",),
    ),
    Token("clickhouse", "key", r"4b1d[A-Za-z0-9]{38}", floor=3.8, yes=("4b1d{an:38}",)),
    Token(
        "mongodb", "atlas-secret", r"mdb_sa_(?:sk|id)_[\w-]{24,40}",
        yes=("mdb_sa_sk_{an:40}", "mdb_sa_id_{hex:24}"),
    ),
    Token(
        "datastax", "token", r"AstraCS:[A-Za-z0-9]{20,40}(?::[a-f0-9]{64})?",
        yes=("AstraCS:{an:24}:{hex:64}", "AstraCS:{an:40}"),
    ),
    Token("aiven", "password", r"AVNS_[\w-]{19}", yes=("AVNS_{an:19}",)),
    Token("xata", "key", r"xau_[A-Za-z0-9]{30,60}", floor=3.4, yes=("xau_{an:34}",)),
    Token("fauna", "key", r"fnA[A-Za-z][\w-]{36}", floor=3.6, yes=("fnAE{an:36}",)),
    Token("tinybird", "token", r"p\.eyJ[\w-]{40,400}\.[\w-]{20,80}", yes=("p.eyJ{an:90}.{an:43}",)),
    Token(
        "databricks", "token", r"(?:dapi|dose|dkea|dsapi|doaps)[a-f0-9]{32}(?:-\d)?",
        yes=("dapi{hex:32}", "dapi{hex:32}-2", "dose{hex:32}"),
    ),
    Token("elastic", "cloud-key", r"essu_[\w-]{60,200}={0,2}", yes=("essu_{an:80}==",)),
    Token("confluent", "secret", r"cflt[A-Za-z0-9+/]{60}", yes=("cflt{b64:60}",)),
)  # fmt: skip
