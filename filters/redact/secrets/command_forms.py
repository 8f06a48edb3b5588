"""Credentials that single commands and statements take in a form of their own, one row a form.

Sources: the manuals of the commands and of the SQL dialects.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from filters.redact.secrets.forms import Form, form_rules
from filters.redact.secrets.logins import is_login, is_mixed, is_password

if TYPE_CHECKING:
    from filters.redact.rule import Rule

_Q: Final = r"\\{0,3}[\"']?"
# no word goes over the end of CDATA
_WORD: Final = r"(?P<span>(?:(?!\]\]>)[^\s\"'`|;&<>()\\]){5,200}+)"
_TEXT: Final = r"\\{0,3}(?P<quote>[\"'])(?P<span>[^\"'\n\\]{5,200})\\{0,3}(?P=quote)"


_FORMS: Final = (
    Form(
        "openssl-passphrase",
        rf"-pass(?:in|out|word)?[ =]{{1,2}}{_Q}pass:{_WORD}",
        is_login,
        ("openssl rsa -in k -passin pass:«{an:12}» -out x",),
        ("openssl rsa -passin pass:$PASS",),
    ),
    Form(
        "secret-literal",
        rf"--from-literal[= ]{_Q}[\w.\-]{{0,40}}(?:pass\w{{0,6}}|pwd|token"
        rf"|secret|key|credentials?|auth)[\w.\-]{{0,20}}={_Q}{_WORD}",
        is_mixed,
        ("kubectl create secret generic x --from-literal=password='«{an:12}»'",),
        ("--from-literal=password=$PASS",),
        re.IGNORECASE,
    ),
    Form(
        "set-value",
        rf"--set(?:-string)?[= ]{_Q}(?:[\w.\-\[\]=]{{1,100}},)?[\w.\-\[\]]{{0,80}}"
        rf"(?:pass\w{{0,6}}|pwd|token|secret|key)={_Q}(?P<span>[^\s\"'`"
        rf"|;&<>()\\,]{{5,200}})",
        is_mixed,
        ("helm install a b --set auth.rootPassword=«{an:12}»",),
        ("--set auth.password=$PASS",),
        re.IGNORECASE,
    ),
    Form(
        "extra-variable",
        r"\b(?:ansible|terraform|docker|podman|packer|make|mvn|gradle"
        r"|heroku|fly|flyctl|railway|vercel|vault|consul|gh|glab|az|eb"
        r"|cf)"
        rf"[^\n|;]{{0,160}}?[\s\"'][\w.\-]{{0,40}}(?:pass(?:w(?:or)?d)?"
        rf"|pwd|token|secret|api_?key|access_?key|secret_?key)={_Q}{_WORD}",
        is_mixed,
        (
            'ansible-playbook s.yml -e "db_password=«{an:12}»"',
            "docker run -e MYSQL_ROOT_PASSWORD=«{an:12}» mysql",
            "terraform apply -var db_password=«{an:12}»",
            "vault kv put secret/x password=«{an:12}»",
        ),
        ("docker run -e MYSQL_ROOT_PASSWORD=$PW mysql",),
        re.IGNORECASE,
        trigger=r"(?i)(?:pass|word|wd|token|secret|key)=[\"'\\]{0,4}[^\s\"'`|;&<>()\\]{5}",
    ),
    Form(
        "environment-before-command",
        r"(?<![\w\-.])(?:export[ ]|set[ ]|setenv[ ]|env[ ])?(?:PG|MYSQL_"
        r"|REDISCLI_|SSH|RESTIC_|BORG_|VAULT_|AWS_)?(?:PASSWORD|PWD|AUTH"
        rf"|PASS|PASSPHRASE|TOKEN)=\\{{0,3}}[\"']?"
        rf"{_WORD}\\{{0,3}}[\"']?(?=[ ]\w)",
        is_mixed,
        ("PGPASSWORD=«{an:12}» psql -h h -U u d", "RESTIC_PASSWORD='«{an:12}»' restic backup x"),
        ("PGPASSWORD=$PW psql",),
    ),
    Form(
        "windows-password",
        r"(?<=[ \"'])(?:(?:/(?:pass(?:word)?|p|rp|pw)|-pass):|/[ru]?p[ ]{1,3}(?=[^\s/]{5,200}(?:\s|$)))"
        rf"{_Q}(?!\w{{1,40}}=)"
        rf"(?P<span>[^\s\"'`|;&<>()\\{{}}]{{5,200}})",
        is_password,
        (
            "cmdkey /add:srv /user:bob /pass:«{an:12}»",
            "xfreerdp /v:h /u:bob /p:«{an:12}»",
            "schtasks /create /ru bob /rp «{an:12}» /tn x",
        ),
        ("cmdkey /pass:%PASS%",),
        trigger=r"[ \"']/(?:pass(?:word)?|p|rp|pw):|[ \"']-pass:|[ \"']/[ru]?p[ ]{1,3}[^\s/]{5}",
    ),
    Form(
        "net-use",
        rf"\bnet[ ]{{1,3}}(?:use[ ][^\n]{{1,120}}?(?:/user:[^\s]{{1,64}}"
        rf"[ ]{{1,3}}|[\w$][ ]{{1,3}}(?=[^\s/]{{5,64}}[ ]{{1,3}}/user:))"
        rf"|user[ ](?:/add[ ])?[^\s/]{{1,64}}[ ]{{1,3}}){_Q}{_WORD}",
        is_password,
        (r"net use Z: \\srv\share /user:DOM\bob «{an:12}»", "net user bob «{an:12}» /add"),
        ("net user bob /delete",),
        re.IGNORECASE,
        trigger=r"(?i)net[ ]{1,3}use[ ][^\n]*/user:|net[ ]{1,3}user[ ][^\s]",
    ),
    *(
        Form(
            f"typed-password-{number}",
            rf"\b(?:echo|printf)[ ](?:-\w{{1,3}}[ ])?[\"'](?:[^\"'\n\\\s]{{5,80}}\\n){{{number}}}"
            r"(?P<span>[^\"'\n\\\s]{5,80})(?:\\n[^\"'\n]{0,80})?[\"'][ ]?\|[ ]?(?:sudo[ ])?(?:smb)?passwd\b",
            is_password,
            (
                (
                    'echo -e "«{an:12}»\\n{an:12}" | passwd bob',
                    'echo -e "{an:12}\\n«{an:12}»" | passwd bob',
                )[number],
            ),
            ('echo -e "$P\\n$P" | passwd bob',),
            trigger=r"[\"'][ ]?\|[ ]?(?:sudo[ ])?(?:smb)?passwd",
        )
        for number in range(2)
    ),
    Form(
        "secure-string",
        r"ConvertTo-SecureString[ ](?:-String[ ])?(?:-AsPlainText[ ])?"
        rf"(?:-String[ ])?(?:{_Q}){_WORD}",
        is_password,
        ('ConvertTo-SecureString "«{pw:12}»" -AsPlainText -Force',),
        ('ConvertTo-SecureString "password" -AsPlainText',),
        re.IGNORECASE,
    ),
    Form(
        "network-credential",
        r"(?:NetworkCredential|UsernamePasswordCredentials|PasswordAuthentication"
        r"|HTTPBasicAuth|HttpBasicAuth|BasicAuth|basic_auth|auth_basic"
        rf"|HTTPDigestAuth|HTTPProxyAuth|httpBasic|setBasicAuth|SetBasicAuth|PlainAuth|login|authenticate)"
        rf"\([ ]?(?:[\"'][\"'],[ ]?)?\\{{0,3}}[\"'][^\"'\n\\]{{1,64}}\\{{0,3}}[\"'],[ ]?{_TEXT}",
        is_login,
        (
            'new NetworkCredential("bob", "«{an:12}»")',
            "HTTPBasicAuth('bob', '«{pw:12}»')",
            "server.login('bob@x', '«{an:12}»')",
        ),
        ("HTTPBasicAuth('user', 'pass')", 'login("user", "password")'),
    ),
    Form(
        "basic-auth-pair",
        rf"\bauth[ ]?[=:][ ]?[(\[][ ]?[\"'][^\"'\n\\]{{1,64}}[\"'],[ ]?{_TEXT}[ ]?[)\]]",
        is_login,
        ("requests.get(u, auth=('bob', '«{pw:12}»'))",),
        ("requests.get(u, auth=('user', 'pass'))",),
    ),
    Form(
        "htpasswd-arguments",
        rf"\b(?:htpasswd|mosquitto_passwd)[ ](?:-[A-Za-z]{{1,6}}[ ]){{0,4}}-"
        rf"[A-Za-z]{{0,4}}b[A-Za-z]{{0,4}}[ ](?:[^\s]{{1,120}}[ ]){{1,2}}{_Q}{_WORD}",
        is_password,
        ("htpasswd -b /etc/x/.htpasswd bob «{an:12}»", "htpasswd -bnBC 10 bob «{an:12}»"),
        ("htpasswd -b file user $PASS",),
    ),
    Form(
        "changed-password",
        rf"\becho[ ](?:-n[ ]|-e[ ])?{_Q}(?:[\w.\-]{{1,32}}:)?{_WORD}{_Q}"
        rf"[ ]?\|[ ]?(?:sudo[ ](?:-\w{{1,4}}[ ])?)?(?:chpasswd|passwd|sudo"
        rf"[ ]-\w{{0,3}}S|cryptsetup|smbpasswd|kinit|docker[ ]login|podman"
        r"[ ]login|gh[ ]auth|su\b)",
        is_password,
        (
            'echo "bob:«{an:12}»" | chpasswd',
            "echo '«{pw:12}»' | sudo -S apt update",
            "echo «{an:12}» | docker login -u u --password-stdin",
        ),
        ('echo "user:password" | chpasswd',),
    ),
    Form(
        "added-user",
        r"\b(?:rabbitmqctl[ ](?:add_user|change_password|authenticate_user)"
        rf"[ ]|ejabberdctl[ ]register[ ][^\s]{{1,40}}[ ]|influx[ ]user"
        r"[ ]create[ ]-n[ ])"
        rf"[^\s]{{1,40}}[ ]{_Q}{_WORD}",
        is_password,
        ("rabbitmqctl add_user bob «{an:12}»",),
        ("rabbitmqctl add_user bob password",),
    ),
    Form(
        "configured-secret",
        rf"\b(?:aws[ ]configure[ ]set[ ][\w.\-]{{0,60}}(?:secret_access_key"
        rf"|session_token)|(?:npm|yarn|pnpm)[ ]config[ ]set[ ][^\s=]{{0,80}}"
        r"(?:_authToken|_password|_auth|AuthToken)"
        rf"|composer[ ]config[ ][^\n]{{0,60}}(?:oauth|token|bearer)\.[\w.]{{1,60}}"
        rf"|poetry[ ]config[ ]pypi-token\.\w{{1,40}}|(?:composer|poetry)"
        rf"[ ]config[ ][^\n]{{0,40}}http-basic\.[\w.]{{1,60}}[ ][^\s]{{1,40}}"
        rf"|git[ ]config[ ][^\n]{{0,60}}(?:password|token|sentryAuth)|mysqladmin"
        rf"[ ][^\n]{{0,80}}?password|ngrok[ ](?:config[ ]add-)?authtoken"
        rf"|vault[ ](?:login|operator[ ]unseal)|wpa_passphrase[ ][^\s]{{1,40}}|p4[ ][^\n]{{0,40}}?-P"
        rf"|(?:unlock-keychain|altool)[ ][^\n]{{0,80}}?-p|rclone[ ]obscure"
        rf"|gcloud[ ]config[ ]set[ ][^\s]{{0,60}}password"
        rf"|doctl[ ]auth[ ]init[ ](?:-t|--access-token)|snyk[ ]auth|cargo[ ]login|wandb[ ]login(?:[ ]--relogin)?"
        rf"|glab[ ]auth"
        rf"[ ]login[ ][^\n]{{0,60}}?(?:-t|--token)|cloudflared[ ]service[ ]install|codecov[ ][^\n]{{0,40}}?-t|"
        rf"railway[ ]login"
        rf"|gh[ ]secret[ ]set[ ][^\n]{{0,60}}--body|pulumi[ ]config[ ]set"
        rf"[ ]--secret[ ][\w:.\-]{{1,60}}|firebase[ ]functions:config:set"
        rf"[ ][\w.]{{1,60}}(?:key|token|secret))"
        rf"[ =]{{1,2}}{_Q}{_WORD}",
        is_password,
        (
            "aws configure set aws_secret_access_key «{b64:40}»",
            "npm config set //r.example/:_authToken=«{an:36}»",
            "poetry config pypi-token.pypi «{an:40}»",
            "ngrok authtoken «{an:40}»",
        ),
        ("aws configure set aws_secret_access_key $KEY",),
        trigger=r"aws configure set |(?:npm|yarn|pnpm) config set |(?:composer|poetry|git) config |mysqladmin "
        r"|ngrok |vault login|vault operator unseal|wpa_passphrase |unlock-keychain |altool |p4 "
        r"|rclone obscure|gcloud config set |gh secret set |pulumi config set "
        r"|firebase functions:config:set |doctl auth |snyk auth |cargo login |wandb login |glab auth |"
        r"cloudflared service "
        r"|codecov |railway login ",
    ),
    Form(
        "console-login",
        r"\b(?:sqlplus|sqlldr|impdp|expdp|imp|exp|rman[ ]target|sqlcl"
        rf"|sql|tnsping)(?:[ ]-\w{{1,2}}){{0,3}}[ ](?:userid=)?{_Q}[A-Za-z]"
        rf"[\w$#]{{0,30}}/(?P<span>[^\s\"'@/\\;|]{{5,64}})(?:@|[ ]as[ ]"
        r"|\"|$)",
        is_password,
        ("sqlplus app/«{an:12}»@orcl", "expdp app/«{an:12}»@db directory=d"),
        ("sqlplus scott/tiger@orcl",),
    ),
    Form(
        "here-string",
        rf"(?:passwd|[ ]add|login|secret[ ]set|keychain)[^\n<]{{0,60}}<<<[ ]?\$?{_Q}{_WORD}",
        is_password,
        ('passwd --stdin bob <<< "«{an:12}»"', "vercel env add SECRET <<< «{an:24}»"),
        ("passwd --stdin bob <<< $PASS",),
        trigger=r"<<<[ ]?\$?[\"'\\]{0,4}[^\s\"'`|;&<>()\\]{5}",
    ),
    Form(
        "server-login",
        r"(?<![\w./:@\-])(?:[A-Za-z][\w.\-]{1,30}/)?[A-Za-z][\w.\-]{0,30}:"
        r"(?P<span>[^\s:@/\"'`\\]{6,64})@(?:\d{1,3}\.){3}\d{1,3}(?![\w.])",
        is_mixed,
        ("secretsdump.py CORP/bob:«{an:12}»@10.0.0.5",),
        ("bob:password@10.0.0.5",),
        trigger=r"[^\s:@/\"'`\\]@(?:\d{1,3}\.){3}\d",
    ),
)


@cache
def command_form_rules() -> tuple[Rule, ...]:
    """Return one rule for each form."""
    return form_rules(_FORMS)
