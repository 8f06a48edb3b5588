"""Provider tokens: one row a format, after the formats that the providers publish.

Each row is `(id, regex, level)`; a regex with a group redacts the group, else the whole match.
The rows are written from memory, not yet each checked against its provider's page. Tokens may
not touch further letters or digits, and specimens (`xxxx`, `EXAMPLE`) are let through.
Every repeat has an upper bound where something must follow it, so that each regex stays linear.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from filters.rules_base import Level, Range, Rule, ends_free, starts_free
from filters.rules_values import is_specimen


class Token(NamedTuple):
    """One published token format."""

    id: str
    regex: str
    level: Level = "permissive"


_UUID: Final = r"[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"

TOKENS: Final = (
    # Source hosting and package registries
    Token("github-token", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    Token("github-app-token", r"ghs_[A-Za-z0-9]{1,64}_[A-Za-z0-9_.-]{36,1024}"),
    Token("github-fine-grained", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    Token(
        "gitlab-token",
        r"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|rtr|soat|wt)-[\w=.-]{20,1024}",
    ),
    Token("gitlab-runner-registration", r"GR1348941[\w-]{20,50}"),
    Token("bitbucket-token", r"ATBB[A-Za-z0-9]{32}|ATCTT3[A-Za-z0-9_=-]{180,220}"),
    Token("atlassian-token", r"ATATT3[A-Za-z0-9_=-]{180,220}"),
    Token("npm-token", r"npm_[A-Za-z0-9]{36}"),
    Token("pypi-token", r"pypi-AgE[A-Za-z0-9_-]{50,1000}"),
    Token("rubygems-token", r"rubygems_[a-f0-9]{48}"),
    Token("crates-token", r"cio[a-zA-Z0-9]{32}"),
    Token("nuget-token", r"oy2[a-z0-9]{43}"),
    Token("docker-token", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,40}"),
    Token("artifactory-token", r"AKCp[0-9A-Za-z]{69}|cmVmdGtuO[A-Za-z0-9]{50,80}"),
    Token("jfrog-clojars", r"CLOJARS_[a-z0-9]{60}"),
    Token("buildkite-token", r"bkua_[a-f0-9]{40}"),
    Token("circleci-token", r"CCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    # Clouds and infrastructure
    Token("aws-access-key", r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[A-Z0-9]{16}"),
    Token("aws-bedrock-key", r"ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    Token("google-api-key", r"AIza[0-9A-Za-z_-]{35}"),
    Token("google-oauth-secret", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    Token("google-oauth-token", r"ya29\.[0-9A-Za-z_-]{20,1024}"),
    Token("azure-storage-key", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    Token("azure-shared-access", r"SharedAccessKey=([A-Za-z0-9+/]{43}=)"),
    Token("azure-client-secret", r"[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}"),
    Token("digitalocean-token", r"do[opr]_v1_[a-f0-9]{64}"),
    Token("alibaba-access-key", r"LTAI[A-Za-z0-9]{17,21}"),
    Token("cloudflare-origin-ca", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    Token("heroku-token", r"HRKU-AA[0-9A-Za-z_-]{58}"),
    Token("flyio-token", r"fo1_[\w-]{43}|fm[12]r?_[A-Za-z0-9+/]{100,1000}={0,3}"),
    Token("supabase-token", r"sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{31}"),
    Token("planetscale-token", r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,64}"),
    Token("vault-token", r"hv[bsr]\.[A-Za-z0-9_-]{24,300}"),
    Token("terraform-token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9=_-]{60,70}"),
    Token("pulumi-token", r"pul-[a-f0-9]{40}"),
    Token(
        "doppler-token",
        r"dp\.(?:audit|ct|pt|sa|scim|st)\.(?:[a-z0-9._-]{1,40}\.)?[A-Za-z0-9]{40,44}",
    ),
    Token("tailscale-key", r"tskey-[a-z]{2,12}-[A-Za-z0-9]{6,30}-[A-Za-z0-9]{16,50}"),
    Token("onepassword-service", r"ops_eyJ[A-Za-z0-9+/]{250,2000}={0,3}"),
    Token("age-secret-key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    # Models
    Token("openai-key", r"sk-(?:(?:proj|svcacct|admin|None)-)?[\w-]{20,100}T3BlbkFJ[\w-]{20,100}"),
    Token("openai-project-key", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}"),
    Token("anthropic-key", r"sk-ant-[a-z]{3,6}\d{2}-[A-Za-z0-9_-]{80,130}"),
    Token("openrouter-key", r"sk-or-v1-[a-f0-9]{64}"),
    Token("huggingface-token", r"(?:hf|api_org)_[A-Za-z0-9]{34,40}"),
    Token("replicate-token", r"r8_[A-Za-z0-9]{37}"),
    Token("groq-key", r"gsk_[A-Za-z0-9]{52}"),
    Token("perplexity-key", r"pplx-[A-Za-z0-9]{48,56}"),
    Token("xai-key", r"xai-[A-Za-z0-9]{80}"),
    Token("langsmith-key", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    Token("databricks-token", r"dapi[a-f0-9]{32}(?:-\d)?"),
    # Payments and commerce
    Token("stripe-key", r"(?:sk|rk)_(?:live|test|prod)_[0-9A-Za-z]{16,247}"),
    Token("stripe-webhook", r"whsec_[A-Za-z0-9+/]{32,64}={0,2}"),
    Token("square-token", r"sq0(?:atp|csp|idp)-[0-9A-Za-z_-]{22,43}|EAAA[A-Za-z0-9_-]{60}"),
    Token("shopify-token", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    Token("braintree-token", r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    Token("razorpay-key", r"rzp_live_[A-Za-z0-9]{14}"),
    Token("flutterwave-key", r"FLW(?:PUB|SEC)K-[a-f0-9]{32}-X"),
    Token("plaid-token", r"access-(?:sandbox|development|production)-" + _UUID),
    # Mail, messages and chat
    Token("slack-token", r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}"),
    Token("slack-app-token", r"xapp-\d-[A-Z0-9]{5,20}-\d{5,20}-[a-f0-9]{32,80}"),
    Token("slack-webhook", r"https://hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{30,100})"),
    Token("discord-token", r"[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}"),
    Token("discord-webhook", r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/(\d{17,20}/[\w-]{60,80})"),
    Token("teams-webhook", r"https://[a-z0-9-]{1,60}\.webhook\.office\.com/webhookb2/([a-f0-9@/A-Za-z-]{80,250})"),
    Token("telegram-token", r"\d{8,10}:AA[0-9A-Za-z_-]{33}"),
    Token("twilio-key", r"SK[0-9a-f]{32}"),
    Token("sendgrid-key", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"),
    Token("mailgun-key", r"key-[0-9a-f]{32}|[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}"),
    Token("mailchimp-key", r"[0-9a-f]{32}-us\d{1,2}"),
    Token("brevo-key", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    Token("resend-key", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    # Tools
    Token("sentry-token", r"sntrys_eyJ[A-Za-z0-9+/=_]{80,500}|sntryu_[a-f0-9]{64}"),
    Token("grafana-token", r"glsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}|glc_eyJ[A-Za-z0-9+/=]{60,400}"),
    Token("newrelic-key", r"NRAK-[A-Z0-9]{27}|NRII-[A-Za-z0-9_-]{32}"),
    Token("dynatrace-token", r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    Token("postman-key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    Token("linear-key", r"lin_(?:api|oauth)_[A-Za-z0-9]{40,64}"),
    Token("notion-token", r"ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43}"),
    Token("airtable-token", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    Token("figma-token", r"fig(?:d|ur|or)h?_[A-Za-z0-9_-]{40,44}"),
    Token("dropbox-token", r"sl\.(?:u\.)?[A-Za-z0-9_-]{130,1500}"),
    Token("asana-token", r"[12]/\d{13,20}(?:/\d{13,20})?:[a-f0-9]{32}"),
    Token("typeform-token", r"tfp_[A-Za-z0-9_.-]{59}"),
    Token("hubspot-token", r"pat-(?:na|eu)\d-" + _UUID),
    Token("sonarqube-token", r"sq[apu]_[a-f0-9]{40}"),
    Token("snyk-token", r"snyk_(?:uat|sat)\.[a-z0-9]{8}\.[\w.-]{80,250}"),
    Token("facebook-token", r"EAA[A-Z][A-Za-z0-9]{90,400}"),
    Token("mapbox-secret", r"sk\.eyJ[A-Za-z0-9_-]{60,200}\.[A-Za-z0-9_-]{22}"),
)  # fmt: skip


def _check(match: re.Match[str]) -> Range | None:
    start, end = match.span()
    if not (starts_free(match.string, start) and ends_free(match.string, end)):
        return None
    found = match.span(match.re.groups)
    return None if is_specimen(match.string[found[0] : found[1]]) else found


@cache
def token_rules() -> tuple[Rule, ...]:
    """Return the table as rules."""
    return tuple(
        Rule(token.id, "SECRET", token.level, re.compile(token.regex, re.ASCII), _check)
        for token in TOKENS
    )
