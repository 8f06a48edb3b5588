"""Tokens of source hosting, package registries and continuous integration."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.checksums import crc32_base62, pypi_macaroon
from filters.redact.tokens.token import UUID, Token

TOKENS: Final = (
    # Source hosting
    Token(
        "github", "token", r"gh[pousr]_[A-Za-z0-9]{36,255}", seal=crc32_base62,
        yes=("ghp_{an:36}", "gho_{an:36}", "ghu_{an:36}", "ghs_{an:36}", "ghr_{an:76}"),
    ),
    Token(
        "github", "app-token",
        r"ghs_[A-Za-z0-9]{1,64}_[\w-]{16,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}",
        yes=("ghs_{dig:6}_eyJ{url:40}.eyJ{url:80}.{an:43}",),
    ),
    Token(
        "github", "fine-grained", r"github_pat_(?=[A-Za-z_]{0,80}\d)\w{36,255}", floor=3.5,
        yes=("github_pat_{an:22}_{an:59}",),
        no=("github_pat_comes_from_the_environment_of_the_job",),
    ),
    Token(
        "gitlab", "token",
        r"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rtr?|soat|wt)-[\w=-]{20,1000}(?:\."
        r"[\w-]{1,20}){0,3}",
        floor=3.0,
        yes=(
            "glpat-{an:20}", "glpat-{an:27}.01.{low:9}", "glpat-{an:32}.01{low:7}",
            "glptt-{hex:40}", "gldt-{an:20}", "glft-{an:20}", "glrt-{an:20}",
            "glrt-t1_{an:27}.01{low:7}", "glcbt-1_{an:20}", "glimt-{an:25}", "glagent-{an:50}",
            "gloas-{an:64}", "glsoat-{an:20}", "glffct-{an:20}",
        ),
    ),
    Token("gitlab", "runner-registration", r"GR1348941[\w-]{20,50}", yes=("GR1348941{an:20}",)),
    Token(
        "gitlab", "session", r"_gitlab_session=([0-9a-z]{32})",
        yes=("_gitlab_session=«{low:32}»;",),
    ),
    Token(
        "gitlab", "incoming-mail",
        r"incoming\+[\w.-]{0,80}?\d-([\w-]{16,40})-(?:issue|merge-request)",
        yes=("incoming+group-name-{dig:8}-«{an:24}»-issue@mail.internal",),
    ),
    Token(
        "bitbucket", "token",
        r"ATBB[A-Za-z0-9]{28,40}|ATCTT3[\w=-]{100,250}|BBDC-[A-Za-z0-9+/=]{32,60}",
        yes=("ATBB{an:32}", "ATCTT3xFfGN0{url:170}={HEX:8}", "BBDC-{an:44}"),
    ),
    Token("atlassian", "token", r"ATAT[\w=-]{100,250}", yes=("ATATT3xFfGF0{url:170}={HEX:8}",)),
    Token(
        "jetbrains", "token", r"perm[:-][\w+/=-]{4,80}\.[\w+/=-]{2,80}\.[A-Za-z0-9]{30}",
        yes=("perm:{an:12}=.{an:8}.{an:30}", "perm-{an:12}.{an:8}.{an:30}"),
    ),
    Token(
        "sourcegraph", "token",
        r"sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}|slk_[a-f0-9]{64}",
        yes=("sgp_{hex:40}", "sgp_{hex:16}_{hex:40}", "sgp_local_{hex:40}", "slk_{hex:64}"),
    ),
    Token("gitpod", "token", r"gitpod_pat_[\w.-]{30,150}[\w-]", yes=("gitpod_pat_{an:40}",)),
    Token("codesandbox", "token", r"csb_v1_[\w-]{30,80}", yes=("csb_v1_{url:42}a",)),
    # Package registries
    Token("npm", "token", r"npm_[A-Za-z0-9]{36}", seal=crc32_base62, yes=("npm_{an:36}",)),
    Token(
        "pypi", "token", r"pypi-(?:AgE|AgI)[\w-]{50,1000}", seal=pypi_macaroon,
        yes=("pypi-AgEIcHlwaS5vcmc{url:90}a", "pypi-AgENdGVzdC5weXBpLm9yZw{url:90}a"),
    ),
    Token("rubygems", "token", r"rubygems_[a-f0-9]{48}", yes=("rubygems_{hex:48}",)),
    Token("crates", "token", r"cio[a-zA-Z0-9]{32}", floor=3.6, yes=("cio{an:32}",)),
    Token("nuget", "token", r"oy2[a-z0-9]{43}", floor=3.2, yes=("oy2{low:43}",)),
    Token(
        "docker", "token", r"dckr_(?:pat|oat)_[\w-]{27,40}",
        yes=("dckr_pat_{an:27}", "dckr_oat_{an:32}"),
    ),
    Token("clojars", "token", r"(?:CLOJARS|clojars)_[A-Za-z0-9]{60}", yes=("CLOJARS_{low:60}",)),
    Token("artifactory", "key", r"AKCp[0-9A-Za-z]{66,73}", yes=("AKCp{an:69}",)),
    Token(
        "artifactory", "reference-token", r"cmVmd[A-Za-z0-9]{59}",
        yes=("cmVmd{an:59}", "cmVmdGtu{an:56}"),
    ),
    Token(
        "packagist", "token", r"packagist_(?:ort|out|acs|ack|uut|urt)_[a-f0-9]{28,96}",
        yes=(
            "packagist_ort_{hex:68}", "packagist_out_{hex:68}", "packagist_acs_{hex:80}",
            "packagist_ack_{hex:32}",
        ),
    ),
    Token("cloudsmith", "key", r"csa_[a-f0-9]{30}[A-Za-z0-9]{6}", yes=("csa_{hex:30}{an:6}",)),
    Token("jsr", "token", r"jsr[pd]_[A-Za-z0-9]{40,80}", yes=("jsrp_{an:64}", "jsrd_{an:64}")),
    Token("pyx", "key", r"pyx-key-v\d-[\w-]{16,120}", yes=("pyx-key-v1-{an:48}",)),
    Token("socket", "key", r"sktsec_[\w+/=-]{20,80}_api", yes=("sktsec_{an:40}_api",)),
    Token("modrinth", "token", r"mr[pos]_[A-Za-z0-9]{40,80}", floor=3.6, yes=("mrp_{an:60}",)),
    # Continuous integration and delivery
    Token(
        "buildkite", "token", r"bk(?:ua|aa|aj|ar|ct|pt|pat|ps|cq)_[\w-]{40,340}",
        yes=("bkua_{hex:40}", "bkaa_{an:75}", "bkpat_{an:54}", "bkct_{an:73}"),
    ),
    Token(
        "circleci", "token", r"CCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[a-z0-9]{40}",
        yes=("CCIPAT_{an:22}_{hex:40}", "CCIPRJ_{an:22}_{hex:40}"),
    ),
    Token(
        "harness", "key", r"(?:pat|sat)\.[\w-]{22}\.[0-9a-f]{24}\.[a-zA-Z0-9]{20}",
        yes=("pat.{an:22}.{hex:24}.{an:20}", "sat.{an:22}.{hex:24}.{an:20}"),
    ),
    Token("octopus", "key", r"API-[A-Z0-9]{25,40}", floor=3.3, yes=("API-{up:26}", "API-{up:32}")),
    Token(
        "teamcity", "token", r"eyJ0eXAiOiAiVENWMiJ9\.[\w-]{20,60}\.[\w-]{30,80}",
        yes=("eyJ0eXAiOiAiVENWMiJ9.{url:36}.{an:48}",),
    ),
    Token("chromatic", "token", r"chpt_[a-f0-9]{12,40}", yes=("chpt_{hex:15}",)),
    Token(
        "percy", "token", r"(?:web|auto|app|ss)_[a-f0-9]{64}",
        yes=("web_{hex:64}", "auto_{hex:64}"),
    ),
    Token(
        "mergify", "key", r"mergify_application_key_[\w-]{40,200}",
        yes=("mergify_application_key_{an:60}",),
    ),
    Token("infracost", "key", r"ico-[a-zA-Z0-9]{32}", floor=3.3, yes=("ico-{an:32}",)),
    Token("ionic", "token", r"ion_[A-Za-z0-9]{42}", floor=3.6, yes=("ion_{an:42}",)),
    Token(
        "trigger-dev", "key", r"tr_(?:dev|prod|stg|preview|pat)_[A-Za-z0-9]{20,60}", floor=3.3,
        yes=("tr_dev_{an:20}", "tr_prod_{an:20}", "tr_pat_{an:40}"),
    ),
    Token(
        "inngest", "signing-key", r"signkey-(?:prod|test|branch|staging)-[a-f0-9]{32,64}",
        yes=("signkey-prod-{hex:64}", "signkey-test-{hex:32}"),
    ),
    Token("prefect", "key", r"pn[ub]_[a-zA-Z0-9]{36}", yes=("pnu_{an:36}", "pnb_{an:36}")),
    Token("dbt", "token", r"dbt[cu]_[\w=-]{40,100}", yes=("dbtc_{an:50}", "dbtu_{an:42}")),
    # Code quality and security
    Token(
        "sonarqube", "token", r"sq[apu]_[a-f0-9]{40}",
        yes=("sqa_{hex:40}", "sqp_{hex:40}", "squ_{hex:40}"),
    ),
    Token(
        "snyk", "token", r"snyk_(?:uat|sat)\.[a-z0-9]{8}\.[\w.-]{80,250}[\w-]",
        yes=("snyk_uat.{hex:8}.{an:90}",),
    ),
    Token(
        "aikido", "token", r"AIK_(?:CI|CLIENT|SECRET)_[A-Za-z0-9]{20,64}",
        yes=("AIK_CI_{an:40}", "AIK_CLIENT_{an:24}", "AIK_SECRET_{an:64}"),
    ),
    Token("endorlabs", "key", r"endr\+[A-Za-z0-9-]{16}", yes=("endr+{an:16}",)),
    Token(
        "stackhawk", "key", r"hawk\.[\w-]{20}\.[\w-]{20}", floor=3.6,
        yes=("hawk.{an:20}.{an:20}",),
    ),
    Token("nightfall", "key", r"NF-[a-zA-Z0-9]{32}", floor=3.6, yes=("NF-{an:32}",)),
    Token(
        "authress", "key",
        r"(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-]"
        r"[a-z0-9-]{10,32}\.[\w+/=-]{30,120}",
        yes=("sc_{low:20}.{low:4}.acc-{low:16}.{low:60}",),
    ),
    Token(
        "deno", "token", r"dd[powt]_[A-Za-z0-9]{36,40}",
        yes=("ddp_{an:36}", "ddo_{an:36}", "ddw_{an:36}"),
    ),
    Token("openshift", "token", r"sha256~[\w-]{43}", yes=("sha256~{an:43}",)),
    Token(
        "censys", "token", r"censys_[A-Za-z0-9]{8}_[A-Za-z0-9]{24,40}",
        yes=("censys_{an:8}_{an:26}",),
    ),
    Token(
        "launchdarkly", "key", rf"(?:sdk|mob|api)-{UUID}",
        yes=("sdk-{uuid}", "mob-{uuid}", "api-{uuid}"),
    ),
)  # fmt: skip
