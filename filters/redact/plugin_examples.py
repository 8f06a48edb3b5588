"""What each regex of each detect-secrets plugin must find, as templates of `examples.spell`."""

from __future__ import annotations

from typing import Final

_CLOUDANT: Final = "https://{let:6}:«%s»@{low:6}.cloudant.com"

# One template a regex, in the plugin's own order.
EXAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "ArtifactoryDetector": ("user:«AKC{an:24}»", "user:«APB{an:24}»"),
    "AWSKeyDetector": ("id «AKIA{up:16}»", "aws.key('«{b64:40}»')"),
    "AzureStorageKeyDetector": ("Name=x;AccountKey=«{b64:86}==»",),
    "BasicAuthDetector": ("https://{let:6}:«{an:14}»@h.example/",),
    "CloudantDetector": (
        "cloudant_key = «{hex:64}»",
        "cl_apipw => «{lower:24}»",
        _CLOUDANT % "{hex:64}",
        _CLOUDANT % "{lower:24}",
    ),
    "DiscordBotTokenDetector": ("bot «M{an:24}.{an:6}.{an:27}» x",),
    "GitHubTokenDetector": ("x «ghp_{an:36}» y",),
    "GitLabTokenDetector": (
        "x «glpat-{an:20}» y",
        "x «GR1348941{an:20}» y",
        "x «glcbt-0a_{an:20}» y",
        "x «glimt-{an:25}» y",
        "x «glptt-{hex:40}» y",
        "x «glagent-{an:50}» y",
        "x «gloas-{hex:64}» y",
    ),
    "Base64HighEntropyString": ("x('«{b64:64}»')",),
    "HexHighEntropyString": ("x('«{hex:40}»')",),
    "IbmCloudIamDetector": ("ibm_cloud_iam_api_key = «{an:44}»",),
    "IbmCosHmacDetector": ("cos_hmac_secret_access_key: «{hex:48}»",),
    "JwtTokenDetector": ("x «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.{url:43}» y",),
    "KeywordDetector": (
        "'db_password': '«{an:14}»'",
        "if '«{an:14}»' == db_password",
        "db_password = '«{an:14}»'",
        "db_password '«{an:14}»';",
        "db_password => '«{an:14}»'",
    ),
    "MailchimpDetector": ("x «{hex:32}-us7» y",),
    "NpmDetector": ("//r.example/:_authToken=«npm_{an:36}»",),
    "OpenAIDetector": ("x «sk-{an:20}T3BlbkFJ{an:20}» y",),
    "PrivateKeyDetector": (
        "«BEGIN DSA PRIVATE KEY»",
        "«BEGIN EC PRIVATE KEY»",
        "«BEGIN OPENSSH PRIVATE KEY»",
        "«BEGIN PGP PRIVATE KEY BLOCK»",
        "«BEGIN PRIVATE KEY»",
        "«BEGIN RSA PRIVATE KEY»",
        "«BEGIN SSH2 ENCRYPTED PRIVATE KEY»",
        "«PuTTY-User-Key-File-2»",
    ),
    "PypiTokenDetector": (
        "x «pypi-AgEIcHlwaS5vcmc{an:80}» y",
        "x «pypi-AgENdGVzdC5weXBpLm9yZw{an:80}» y",
    ),
    "SendGridDetector": ("x «SG.{an:22}.{an:43}» y",),
    "SlackDetector": (
        "x «xoxb-{dig:12}-{dig:12}-{low:24}» y",
        "x «https://hooks.slack.com/services/T{up:8}/B{up:8}/{an:24}» y",
    ),
    "SoftlayerDetector": (
        "softlayer_api_key = «{low:64}»",
        "https://api.softlayer.com/soap/v3/«{low:64}»",
    ),
    "SquareOAuthDetector": ("x «sq0csp-{an:43}» y",),
    "StripeDetector": ("x «sk_live_{an:24}» y",),
    "TelegramBotTokenDetector": ("x «{dig:9}:{an:35}» y",),
    "TwilioKeyDetector": ("x «AC{hex:32}» y", "x «SK{hex:32}» y"),
}
