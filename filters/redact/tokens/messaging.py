"""Tokens of chat, mail, telephony and their webhooks; a webhook's address is its secret."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.token import FREE, UUID, Token

TOKENS: Final = (
    # Chat
    Token(
        "slack", "token", r"xox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}",
        yes=(
            "xoxb-{dig:12}-{dig:13}-{an:24}", "xoxp-{dig:12}-{dig:12}-{dig:13}-{hex:32}",
            "xoxe.xoxp-1-{up:166}", "xoxe-1-{up:147}", "xoxs-{dig:9}-{dig:9}-{dig:9}-{hex:10}",
            "xoxa-2-{an:24}", "xoxr-{an:40}", "xoxo-{dig:9}-{dig:9}-{hex:16}",
        ),
    ),
    Token(
        "slack", "session",
        r"xoxd-(?:[\w/+-]|%(?:2[BFbf]|3[Dd])){60,400}={0,2}|xoxc-\d{9,15}(?:-\d{9,15}){2}-"
        r"[a-f0-9]{64}",
        yes=("xoxd-{an:140}%3D", "xoxc-{dig:12}-{dig:12}-{dig:13}-{hex:64}"),
    ),
    Token(
        "slack", "app-token", r"xapp-\d{1,10}-[A-Za-z0-9]{5,20}-\d{5,20}-[A-Za-z0-9]{20,80}",
        yes=("xapp-1-A{up:10}-{dig:13}-{hex:64}",),
    ),
    Token(
        "slack", "webhook",
        r"(?:https?://)?hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/"
        r"[A-Za-z0-9+/_-]{30,100}",
        yes=(
            "https://hooks.slack.com/services/T{up:8}/B{up:10}/{an:24}",
            "hooks.slack.com/workflows/T{up:8}/A{up:10}/{dig:18}/{an:24}",
        ),
    ),
    Token(
        "discord", "token", r"[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,38}|mfa\.[\w-]{84}",
        floor=4.0,
        yes=("MT{an:24}.{an:6}.{an:38}", "ND{an:22}.{an:6}.{an:27}", "mfa.{an:84}"),
    ),
    Token(
        "discord", "webhook",
        r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{16,20}/"
        r"[\w-]{60,80}",
        yes=(
            "https://discord.com/api/webhooks/{dig:18}/{an:68}",
            "https://canary.discordapp.com/api/v10/webhooks/{dig:19}/{an:68}",
        ),
    ),
    Token(
        "teams", "webhook",
        r"https://[a-z0-9-]{1,60}\.webhook\.office\.com/webhookb?2?/"
        r"[a-f0-9@A-Za-z-]{70,80}/IncomingWebhook/[A-Za-z0-9]{32}/[\w/-]{36,120}",
        yes=(
            "https://acme.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{hex:32}/{uuid}",
        ),
    ),
    Token(
        "power-automate", "webhook",
        r"https://[\w.-]{3,80}\.(?:logic\.azure|api\.powerplatform)\.com(?::443)?/"
        r"[\w/.%?=&:-]{20,300}?sig=[\w-]{40,60}",
        yes=(
            "https://prod-12.westus.logic.azure.com:443/workflows/{hex:32}/triggers/manual/paths/invoke?api-version=2016-06-01&sv=1.0&sig={an:43}",
        ),
    ),
    Token(
        "google", "chat-webhook",
        r"https://chat\.googleapis\.com/v1/spaces/[\w-]{6,20}/messages\?(?:key|token)="
        r"[\w-]{20,60}(?:%3D)?&(?:key|token)=[\w-]{20,60}(?:%3D)?",
        yes=(
            "https://chat.googleapis.com/v1/spaces/{an:11}/messages?key=AIza{an:35}&token={an:43}",
        ),
    ),
    Token(
        "telegram", "token", r"(?:bot)?(\d{8,10}:AA[\w-]{32,35})",
        yes=("{dig:10}:AA{an:33}", "https://api.telegram.org/bot«{dig:9}:AA{an:33}»/getMe"),
    ),
    Token(
        "feishu", "webhook",
        rf"https://open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/{UUID}",
        yes=("https://open.feishu.cn/open-apis/bot/v2/hook/{uuid}",),
    ),
    Token(
        "dingtalk", "webhook", r"https://oapi\.dingtalk\.com/robot/send\?access_token=[a-f0-9]{64}",
        yes=("https://oapi.dingtalk.com/robot/send?access_token={hex:64}",),
    ),
    Token(
        "wecom", "webhook", rf"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key={UUID}",
        yes=("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={uuid}",),
    ),
    Token(
        "rocketchat", "webhook",
        r"https?://[\w.:-]{3,100}/hooks/([A-Za-z0-9]{17,24}/[A-Za-z0-9]{40,70})", floor=4.0,
        yes=("https://chat.internal/hooks/«{an:17}/{an:43}»",),
    ),
    Token(
        "zapier", "webhook", r"https://hooks\.zapier\.com/hooks/catch/\d{4,12}/[A-Za-z0-9]{5,20}",
        yes=("https://hooks.zapier.com/hooks/catch/{dig:7}/{low:7}",),
    ),
    Token(
        "ifttt", "webhook",
        r"https?://maker\.ifttt\.com/trigger/[\w-]{1,60}/(?:json/)?with/key/[\w-]{20,50}",
        yes=("https://maker.ifttt.com/trigger/door/with/key/{an:22}",),
    ),
    Token(
        "make", "webhook",
        r"https://hook\.(?:[a-z]{2}\d\.make\.(?:com|celonis\.com)|integromat\.com)/[a-z0-9]{32}",
        yes=("https://hook.eu1.make.com/{low:32}",),
    ),
    Token("twitch", "stream-key", r"live_\d{6,12}_[A-Za-z0-9]{30}", yes=("live_{dig:9}_{an:30}",)),
    Token("twitch", "chat-token", r"oauth:[a-z0-9]{30}", floor=3.2, yes=("oauth:{low:30}",)),
    Token(
        "twitter", "bearer-token", r"A{20,24}(?:[A-Za-z0-9]|%(?:2[BFbf]|3[Dd])){50,120}",
        zeros=True,
        yes=("AAAAAAAAAAAAAAAAAAAAA{an:20}%3D{an:50}",),
    ),
    Token(
        "line", "channel-token", FREE + r"[A-Za-z0-9+/]{140,200}1O/w1cDnyilFU=",
        yes=("{b64:150}1O/w1cDnyilFU=",),
    ),
    Token(
        "linkedin", "secret", r"WPL_AP1\.[A-Za-z0-9]{12,20}\.[A-Za-z0-9+/]{4,12}={0,2}",
        yes=("WPL_AP1.{an:16}.{b64:6}==",),
    ),
    # Mail
    Token("sendgrid", "key", r"SG\.(?:[\w-]{20,24}\.[\w-]{39,50}|[\w=.-]{65}[\w=-])", yes=("SG.{an:22}.{an:43}",)),
    Token(
        "mailgun", "key", r"(?:pub)?key-[0-9a-z]{32}|[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}",
        floor=3.0, trigger=r"key-[0-9a-z]{32}|[a-f0-9]{32}-[a-f0-9]{8}-",
        yes=("key-{hex:32}", "key-{low:32}", "{hex:32}-{hex:8}-{hex:8}"),
    ),
    Token("mailchimp", "key", r"[0-9a-f]{32}-us\d{1,2}", yes=("{hex:32}-us12", "{hex:32}-us7")),
    Token(
        "mandrill", "key", r"md-[\w-]{22}", floor=3.6,
        yes=("md-{an:22}",),
        no=("md-button-with-a-long-class",),
    ),
    Token(
        "brevo", "key", r"x(?:keysib|smtpsib)-[a-fA-F0-9]{64}-[A-Za-z0-9]{16}",
        yes=("xkeysib-{hex:64}-{an:16}", "xsmtpsib-{hex:64}-{an:16}"),
    ),
    Token(
        "resend", "key", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}", floor=3.6,
        yes=("re_{an:8}_{an:24}",),
    ),
    Token("mailersend", "token", r"mlsn\.[A-Za-z0-9]{30,100}", yes=("mlsn.{hex:64}",)),
    Token("klaviyo", "key", r"pk_[a-z0-9]{34}", floor=3.2, yes=("pk_{hex:34}",)),
    Token("smtp2go", "key", r"api-[A-F0-9]{32}", yes=("api-{HEX:32}",)),
    Token(
        "hubspot", "token", rf"pat-(?:na|eu|ap)\d-{UUID}",
        yes=("pat-na1-{uuid}", "pat-eu1-{uuid}"),
    ),
    Token("intercom", "token", r"dG9rO[A-Za-z0-9]{50,60}={0,2}", yes=("dG9rOg{an:54}=",)),
    Token("nylas", "key", r"nyk_v?\d?_?[A-Za-z0-9]{60,80}", yes=("nyk_v0_{an:64}", "nyk_{an:67}")),
    Token("close", "key", r"api_[A-Za-z0-9]{22}\.[A-Za-z0-9]{22}", yes=("api_{an:22}.{an:22}",)),
    Token(
        "gc-notify", "key", rf"ApiKey-v1\s{{1,3}}gcntfy-\w{{1,60}}-{UUID}-{UUID}",
        yes=("ApiKey-v1 gcntfy-ci_key-{uuid}-{uuid}",),
    ),
    # Telephony and push
    Token("twilio", "key", r"SK[0-9a-fA-F]{32}", yes=("SK{hex:32}",)),
    Token("telnyx", "key", r"KEY0[\w-]{54}", yes=("KEY0{an:54}",)),
    Token("onesignal", "key", r"os_v2_(?:app|org)_[a-z2-7]{103}", yes=("os_v2_app_{lower:103}",)),
    Token(
        "pubnub", "secret-key", r"sec-c-[A-Za-z0-9+/=-]{36,60}",
        yes=("sec-c-{an:48}", "sec-c-{uuid}"),
    ),
    Token(
        "ably", "key", r"[\w-]{6}\.[\w-]{6}:[\w-]{32,43}", floor=4.2,
        yes=("{an:6}.{an:6}:{an:43}",),
    ),
    Token(
        "svix", "key", r"(?:test)?sk_[A-Za-z0-9+/_=-]{24,64}\.(?:eu|us|in|ca|au)",
        yes=("sk_{an:32}.eu", "testsk_{an:32}.us"),
    ),
)  # fmt: skip
