"""Know values that say where a credential is kept: a secret store, a variable, a file."""

from __future__ import annotations

import re
from typing import Final

# Schemes of secret stores, and prefixes by which configuration asks for a value kept elsewhere
_STORES: Final = (
    r"aws|gcp|azure|gcloud|env|environ|secrets?|ssm|vault|op|arn|ref|refs|keyring|keychain|keystore|file|files|"
    r"param|parameter|"
    r"parameters|sops|bws?|kms|hsm|tpm|pkcs11|sm|gsm|awssm|awsssm|awssecrets?|aws-?sm|aws-?ssm|gcp-?sm|gcp-?secrets?|"
    r"akv|azkv|azure-?kv|key-?vault|azure-?key-?vault|doppler|infisical|akeyless|conjur|berglas|chamber|resolve|"
    r"secretsmanager|aws-?secretsmanager|onepassword|1password|lpass|lastpass|keepass(?:xc)?|pass|gopass|"
    r"hiera|eyaml|classpath|system|sys|cmd|exec|command|script|shell|prompt|input|lookup|config|cfg|"
    r"secret-?ref|secretkeyref|configmap|k8s|kubernetes|docker-secret|consul|etcd|zookeeper|spring|"
    r"property|prop|variable|var|vars|template|tpl|json|yaml|toml|xml|gorm|validate|db|form|query|header"
)
_STORE: Final = re.compile(rf"(?:{_STORES}):(?!\s)(?:\S|[ ](?=\S+$)){{0,200}}", re.IGNORECASE)
# A command that reads one: `pass show db/prod`, `op item get x`; a value that Ansible encrypted
_COMMAND: Final = re.compile(
    r"(?:op|pass|gopass|vault|aws|gcloud|az|kubectl|cat|echo|openssl|pwgen|lpass|bws?|security|secret-tool|gpg|sops|"
    r"uuidgen|head|tr|node|python3?|php|ruby)[ ]+\S|\$ANSIBLE_VAULT"
)
# A scheme with an authority or path: `ref+awsssm://…`, `file:///run/…`; a rate; what is sealed
_SCHEME: Final = re.compile(
    r"(?:urn:)?(?:[a-z]{2,20}:){3}|urn:[a-z]|\d{1,6}/[a-z]{1,8}(?:/[a-z]{1,8})?$|Ag(?:[A-D][\w+/]{60}|[\w+/]{150})|"
    r"[a-z][a-z0-9+.\-]{1,30}:/{1,3}",
    re.IGNORECASE,
)
# What is encrypted, public or an address: Maven and Jenkins, DPAPI, Laravel, KMS, Fernet, OpenSSL,
# age, Jasypt, sops and eyaml, Spring Cloud Config; public keys of SSH (RFC 4253), age, minisign and
# X.509 (RFC 5280); certificates; publishable keys of Stripe; digests, images; what Grafana fills in;
# resources of AWS; tags of Google; a host and port; accounts of Ethereum; tokens' Secrets in
# Kubernetes
_OPEN_VALUE: Final = re.compile(
    r"ENC[\[(]|\{(?:cipher|AES|aes|DES|RSA|encrypted)\}|"
    r"(?:ssh-[a-z0-9]{3,7}[ ])?AAAA[BCE][23][NV][zj][a-zA-Z]|age1[02-9ac-hj-np-z]{40}|"
    r"pk_(?:live|test)_|iVBORw0KGgo|"
    r"\{[\w+/]{16,400}={0,2}\}$|(?:01000000)?d08c9ddf0115d111|AQAAANCMnd8BFdER|eyJpdiI6|AQICAH|CiQA[\w+/]{40}|"
    r"gAAAAAB[\w-]{60}|U2FsdGVkX1|YWdlLWVuY3J5cHRpb24|"
    r"(?:sha-?(?:1|2|224|256|384|512)|md5)[:\-][\w+/]{22,128}={0,2}$|\$__\w{2,20}\{|"
    r"(?:i|vpc|ami|subnet|sg|vol|snap|eni|rtb|igw|acl|lt|eipalloc)-[0-9a-f]{8}(?:[0-9a-f]{9})?$|"
    r"(?:GTM|UA|AW|DC)-[A-Z0-9]{6,12}(?:-\d{1,2})?$|(?:localhost|[a-z][a-z0-9\-]*(?:\.[a-z][a-z0-9\-]*)+):\d{2,5}$|0x[0-9a-fA-F]{40}$|[a-z][a-z0-9-]{1,60}-token-[a-z0-9]{5}$|LS0tLS1CRUdJTiBD|"
    r"MII[\w+/]{3}CC[AB]|MIIBIjANBg|MI(?:G[efJM]|I[CBD]..)MA0GCSqGSIb3DQEBAQUAA4|MCowBQYDK2V|"
    r"M(?:FkwEw|HYwEA|DYwEA)YHKoZIzj0CAQ|RW[QR][\w+/]{53}$|LS0tLS1CRUdJTiBQVUJM|"
    r"\$env:\w|\S{8,80}EXAMPLE(?:KEY)?$"
)
# Tags of YAML: `!Ref X`, `!vault |`
_TAGGED: Final = re.compile(
    r"!{1,2}[A-Za-z]\w*[ ]+\S|!(?:Ref|Sub|GetAtt|vault|secret|env|ENV|lookup)\b"
)
# An annotation (`@Microsoft.KeyVault(…`), or the tag of a field in Go (`json:"password"`)
_TAG_OPEN: Final = re.compile(r"@[A-Za-z][\w.]*\(|\w+:\"")
# Members of what a tool fills in: `var.db_password`, `data.x.y`, `secrets.TOKEN`, `process.env.X`
_MEMBER: Final = re.compile(
    r"(?:vars?|local|locals|data|module|secrets?|env|inputs?|params?|config|settings|conf|self|this|process\.env|"
    r"os\.environ|import\.meta\.env|ENV|values|Values|steps|needs|github|matrix|each|path|terraform|"
    r"github_token|opts?|options|args|ctx|context|request|req|props|state|app|options|creds?|credentials)"
    r"\.[A-Za-z_][\w.\[\]\"'-]*"
)
# Resources of clouds: `projects/p/secrets/s/versions/latest`, `secret/data/app`
_RESOURCE: Final = re.compile(
    r"(?:projects|secrets?|kv|subscriptions|resourceGroups|vaults?|aws|app|apps|prod|config|etc|run|var|opt|"
    r"home|usr|mnt|tmp|keys?|certs?|ssl|tls|creds?|credentials)(?:/[\w.#@-]+)+"
)
# A path has few digits
_DIGITS: Final = re.compile(r"\d")


def is_elsewhere(value: str) -> bool:
    """Tell whether a value is the address of a credential, no credential itself."""
    return (
        _SCHEME.match(value) is not None
        or _COMMAND.match(value) is not None
        or _OPEN_VALUE.match(value) is not None
        or _STORE.fullmatch(value) is not None
        or _TAGGED.match(value) is not None
        or _TAG_OPEN.match(value) is not None
        or _is_path(value)
    )


def _is_path(value: str) -> bool:
    if _MEMBER.fullmatch(value) is None and _RESOURCE.fullmatch(value) is None:
        return False
    return len(_DIGITS.findall(value)) <= len(value) // 8
