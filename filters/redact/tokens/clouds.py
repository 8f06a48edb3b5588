"""Keys of the clouds: Amazon, Google, Microsoft, and the others that sell computers by the hour."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.token import FREE, UUID, Token

TOKENS: Final = (
    # Amazon
    Token(
        "aws", "access-key", r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[A-Z0-9]{16}",
        yes=("AKIA{b32:16}", "ASIA{b32:16}", "ABIA{b32:16}", "ACCA{b32:16}", "A3TX{b32:16}"),
    ),
    Token("aws", "bedrock-key", r"ABSK[A-Za-z0-9+/]{109,269}={0,2}", yes=("ABSK{b64:128}",)),
    Token(
        "aws", "bedrock-short-key", r"bedrock-api-key-[A-Za-z0-9+/=]{40,3000}",
        yes=("bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{b64:400}",),
    ),
    Token(
        "aws", "session-token",
        r"(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|FQoDYXdz)(?:[\w+/=-]|%(?:2[BFbf]|3"
        r"[Dd])){80,3000}",
        zeros=True,
        yes=("IQoJb3JpZ2luX2Vj{b64:400}==", "FwoGZXIvYXdzE{b64:300}="),
    ),
    Token("aws", "appsync-key", r"da2-[a-z0-9]{26}", yes=("da2-{low:26}",)),
    Token("aws", "mws-key", rf"amzn\.mws\.{UUID}", yes=("amzn.mws.{uuid}",)),
    Token(
        "amazon", "login-secret", r"amzn1\.(?:oa2-cs\.v1|application-oa2-client)\.[a-f0-9]{32,64}",
        yes=("amzn1.oa2-cs.v1.{hex:64}", "amzn1.application-oa2-client.{hex:32}"),
    ),
    Token(
        "amazon", "selling-token", r"Atz[ar]\|[\w+/=-]{60,1500}",
        yes=("Atza|{b64:300}", "Atzr|{b64:200}"),
    ),
    # Google
    Token("google", "api-key", r"AIza[0-9A-Za-z_-]{35}", yes=("AIza{an:35}", "AIzaSy{an:33}")),
    Token("google", "gemini-key", r"AQ\.Ab8RN6[\w-]{40,60}", yes=("AQ.Ab8RN6{an:44}",)),
    Token("google", "oauth-secret", r"GOCSPX-[\w-]{28}", yes=("GOCSPX-{an:28}",)),
    Token(
        "google", "oauth-token", r"ya29\.[\w.-]{20,1500}[\w-]",
        yes=("ya29.{url:160}a", "ya29.a0Af{url:180}a"),
    ),
    Token("google", "refresh-token", r"1//0[\w-]{40,200}", yes=("1//0{url:97}a",)),
    Token(
        "google", "storage-key", r"GOOG1E[A-Z0-9]{55}|GOOG[A-Z0-9]{20}",
        yes=("GOOG1E{up:55}", "GOOG{up:20}"),
    ),
    Token(
        "firebase", "messaging-key", r"AAAA[\w-]{7}:APA91b[\w-]{120,180}",
        yes=("AAAA{an:7}:APA91b{an:134}",),
    ),
    # Microsoft
    Token(
        "azure", "storage-key", r"AccountKey=([A-Za-z0-9+/]{86}==)", zeros=True,
        yes=("AccountName=data;AccountKey=«{b64:86}==»;EndpointSuffix=core.windows.net",),
    ),
    Token(
        "azure", "shared-access-key", r"SharedAccess(?:Signature)?Key=([A-Za-z0-9+/]{43}=)",
        yes=("SharedAccessKeyName=Root;SharedAccessKey=«{b64:43}=»;EntityPath=a",),
    ),
    Token(
        "azure", "connection-secret",
        r"(?i:endpoint)=https://[\w.-]{1,100};[\w;=./+:-]{0,200}?(?:Secret|AccessKey"
        r"|accesskey)=([A-Za-z0-9+/]{36,100}={0,2})",
        yes=(
            "Endpoint=https://app.azconfig.io;Id=ab-l0-s0:{an:20};Secret=«{b64:43}=»",
            "Endpoint=https://app.service.signalr.net;AccessKey=«{b64:43}=»;Version=1.0;",
        ),
    ),
    Token(
        "azure", "client-secret", r"[\w~.]{3}\dQ~[\w~.-]{30,33}[\w~-]",
        yes=("{an:3}8Q~{an:34}", "{an:3}7Q~{an:31}"),
    ),
    Token(
        "azure", "identifiable-key",
        FREE + r"[A-Za-z0-9+/]{76}(?:\+ASt|\+ABa|ACDb|\+AMC|APIM)[A-Za-z0-9+/]{5}[AQgw]==",
        yes=("{b64:76}+ASt{b64:5}A==", "{an:76}ACDb{an:5}Q=="),
    ),
    Token(
        "azure", "identifiable-short-key",
        FREE + r"[A-Za-z0-9+/]{33}(?:\+ASb|\+AEh|\+ARm|AIoT|AzCa)[A-P][A-Za-z0-9+/]{5}=",
        yes=("{an:33}+ASbA{an:5}=", "{an:33}AIoTB{an:5}=", "{an:33}AzCaC{an:5}="),
    ),
    Token(
        "azure", "registry-key", FREE + r"[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9+/]{5}",
        yes=("{an:42}+ACRA{an:5}",),
    ),
    Token(
        "azure", "search-key", FREE + r"[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}",
        yes=("{an:42}AzSeA{an:5}",),
    ),
    Token(
        "azure", "function-key", FREE + r"[\w-]{44}AzFu[\w-]{5}[AQgw]==",
        yes=("{an:44}AzFu{an:5}A==",),
    ),
    Token(
        "azure", "cognitive-key", FREE + r"[A-Za-z0-9]{30,56}JQQJ99[A-Za-z0-9]{20,40}",
        yes=("{an:52}JQQJ99BAAC{an:22}", "{an:32}JQQJ99BAAC{an:32}"),
    ),
    Token(
        "azure", "devops-token", FREE + r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
        yes=("{an:76}AZDO{an:4}",),
    ),
    Token(
        "azure", "shared-access-signature",
        r"(?:sv=20\d\d-\d\d-\d\d|sr=)[\w%&=.:+~-]{0,400}?&(?:amp;)?sig=("
        r"[A-Za-z0-9%+/]{43,80}={0,2})",
        yes=("?sv=2022-11-02&ss=b&srt=co&sp=r&se=2030-01-01T00:00:00Z&spr=https&sig=«{an:43}%3D»",),
    ),
    # Other clouds
    Token(
        "digitalocean", "token", r"do[opr]_v1_[a-f0-9]{64}",
        yes=("doo_v1_{hex:64}", "dop_v1_{hex:64}", "dor_v1_{hex:64}"),
    ),
    Token(
        "digitalocean", "spaces-key", r"DO(?:00|801)[A-Z0-9]{15,16}", floor=3.0,
        yes=("DO00{up:16}", "DO801{up:15}"),
    ),
    Token(
        "alibaba", "access-key", r"LTAI[A-Za-z0-9]{12,21}", floor=3.0,
        yes=("LTAI{an:20}", "LTAI5t{an:18}"),
    ),
    Token("alibaba", "session-key", r"STS\.[A-Za-z0-9]{16,64}", floor=3.5, yes=("STS.{an:24}",)),
    Token("alibaba", "session-token", r"CAIS[\w+/=-]{120,1500}", yes=("CAIS{b64:300}=",)),
    Token("tencent", "secret-id", r"AKID[A-Za-z0-9]{32}", yes=("AKID{an:32}",)),
    Token("baidu", "access-key", r"ALTAK[A-Za-z0-9]{20,21}", yes=("ALTAK{an:21}",)),
    Token("volcengine", "access-key", r"AKLT[A-Za-z0-9]{40,70}={0,2}", yes=("AKLT{an:44}",)),
    Token("jdcloud", "access-key", r"JDC_[A-Z0-9]{28}", yes=("JDC_{HEX:28}",)),
    Token(
        "naver", "cloud-key", r"ncp_iam_BP[A-Za-z0-9]{24,48}",
        yes=("ncp_iam_BPASKR{an:30}", "ncp_iam_BPKSKR{an:30}"),
    ),
    Token(
        "yandex", "token", r"t1\.[\w-]{20,1000}={0,2}\.[\w-]{86}={0,2}|y[0-3]_[\w-]{50,80}",
        yes=("t1.{an:120}.{an:86}", "y0_{an:58}"),
    ),
    Token(
        "yandex", "key", r"AQVN[\w-]{34,40}|YC[ABMNPO][\w-]{37,38}|AQAAAA[\w-]{33}", floor=3.5,
        yes=("AQVN{an:36}", "YCAJE{an:36}", "YCP{an:37}", "YCM{an:37}"),
    ),
    Token("scaleway", "access-key", r"SCW[A-Z0-9]{17}", floor=3.0, yes=("SCW{up:17}",)),
    Token(
        "exoscale", "key", r"EXO[a-f0-9]{24,30}|EXO[a-zA-Z0-9]{24,30}", floor=3.2,
        yes=("EXO{hex:24}", "EXO{an:28}"),
    ),
    Token("upcloud", "token", r"ucat_[0-9A-Za-z]{24,32}", yes=("ucat_{an:26}",)),
    Token("ibm", "cloudant", r"apikey-v2-[a-z0-9]{20,60}", yes=("apikey-v2-{low:45}",)),
    Token(
        "backblaze", "application-key", r"K00\d[A-Za-z0-9+/]{27}", floor=3.6,
        yes=("K005{b64:27}",),
    ),
)  # fmt: skip
