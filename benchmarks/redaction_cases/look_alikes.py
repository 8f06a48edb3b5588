"""Texts that look like secrets and are none: hashes, lock files, identifiers; with those of numbers."""

from __future__ import annotations

import re
from typing import Final

from redaction_cases.look_alike_numbers import NUMBERS

_SOURCE: Final = r"""
=== git sha in prose
Fixed in {hex:40} and backported as {hex:12}.
=== git sha in yaml
uses: actions/checkout@{hex:40}
=== git log
commit {hex:40}
Merge: {hex:7} {hex:7}
    Add support for token refresh
=== git submodule
Subproject commit {hex:40}
=== git index
index {hex:7}..{hex:7} 100644
=== git packed refs
{hex:40} refs/heads/main
{hex:40} refs/tags/v1.2.3
=== md5sum file
{hex:32}  ⟨word⟩-1.0.tar.gz
=== sha256sum file
{hex:64}  ⟨word⟩-linux-amd64
{hex:64}  ⟨word⟩-darwin-arm64
=== sha512 line
SHA512 (⟨word⟩.tgz) = {hex:128}
=== requirements hashes
⟨word⟩==1.4.2 \
    --hash=sha256:{hex:64} \
    --hash=sha256:{hex:64}
=== package-lock integrity
    "node_modules/⟨word⟩": {
      "version": "4.17.21",
      "resolved": "https://registry.npmjs.org/⟨word⟩/-/⟨word⟩-4.17.21.tgz",
      "integrity": "sha512-{b64:86}=="
    },
=== yarn lock
⟨word⟩@^7.0.0:
  version "7.22.5"
  resolved "https://registry.yarnpkg.com/⟨word⟩/-/⟨word⟩-7.22.5.tgz#{hex:40}"
  integrity sha512-{b64:86}==
=== pnpm lock
  /⟨word⟩/4.3.4:
    resolution: {integrity: sha512-{b64:86}==}
=== cargo lock
[[package]]
name = "⟨word⟩"
version = "1.0.69"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{hex:64}"
=== go sum
github.com/⟨word⟩/⟨word⟩ v1.8.4 h1:{b64:43}=
github.com/⟨word⟩/⟨word⟩ v1.8.4/go.mod h1:{b64:43}=
=== poetry lock
files = [
    {file = "⟨word⟩-1.0-py3-none-any.whl", hash = "sha256:{hex:64}"},
]
content-hash = "{hex:64}"
=== gemfile checksum
  ⟨word⟩ (1.2.3) sha256={hex:64}
=== composer lock
"dist": {"type": "zip", "reference": "{hex:40}", "shasum": ""},
"content-hash": "{hex:32}",
=== nix sha
  src = fetchurl { url = "https://⟨domain⟩/x.tar.gz"; sha256 = "{low:52}"; };
=== nix sri
  hash = "sha256-{b64:43}=";
=== pipfile lock
"_meta": {"hash": {"sha256": "{hex:64}"}}
=== docker digest
FROM python@sha256:{hex:64}
image: nginx:1.25@sha256:{hex:64}
=== docker ps
{hex:12}   postgres:16   "docker-entrypoint.s"   2 days ago
=== sri script
<script src="https://cdn.⟨domain⟩/a.js" integrity="sha384-{b64:64}" crossorigin="anonymous"></script>
=== csp nonce
script-src 'sha256-{b64:43}=' 'self'
=== etag header
ETag: "{hex:32}"
Last-Modified: Tue, 04 Mar 2025 10:00:00 GMT
=== cache busting
<link href="/static/app.{hex:20}.css" rel="stylesheet"><script src="/js/main.{hex:8}.js"></script>
=== uuid list
ids = ["{uuid}", "{uuid}"]
=== uuid in path
GET /v1/users/{uuid}/orders/{uuid} 200
=== uuid in sln
Project("{{uuid}}") = "App", "App\App.csproj", "{{uuid}}"
=== trace id
trace_id={hex:32} span_id={hex:16} request_id={uuid}
=== traceparent
traceparent: 00-{hex:32}-{hex:16}-01
=== mongo object id
{"_id": {"$oid": "{hex:24}"}, "name": "⟨word⟩"}
=== ulid
id: 01H{up:23}
=== aws resource ids
vpc-{hex:17} subnet-{hex:17} sg-{hex:8} i-{hex:17} ami-{hex:17}
=== aws arn
arn:aws:iam::123456789012:role/⟨word⟩-role
=== aws example key
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
=== stripe object ids
{"id": "cus_{an:14}", "invoice": "in_{an:24}", "price": "price_{an:24}"}
=== slack channel
channel C{up:10} user U{up:10} team T{up:10}
=== google client id
client_id: {dig:12}-{low:32}.apps.googleusercontent.com
=== stripe publishable note
The publishable key starts with pk_live_ and the secret key with sk_live_.
=== analytics ids
gtag('config', 'G-{up:10}'); ga('create', 'UA-{dig:8}-1');
=== youtube id
https://www.youtube.com/watch?v={url:11}
=== google doc id
https://docs.google.com/document/d/{url:44}/edit
=== minified js
!function(e,t){"use strict";var n=e[0],r=n.a2c4e6,o="{an:8}";t.exports={hash:"{hex:20}",chunk:{12:"{hex:8}"}}}([],{});
=== webpack chunks
{{dig:3}:"{hex:20}",{dig:3}:"{hex:20}",{dig:3}:"{hex:20}"}[e]+".chunk.js"
=== css module names
<div class="Button_root__{an:5} css-{low:7} sc-{low:6} {low:6}-0">
"""


def _parsed() -> tuple[tuple[str, str], ...]:
    source = (_SOURCE + NUMBERS).replace("⟨dash⟩", "-" * 5)
    blocks = re.split(r"^=== ", source, flags=re.MULTILINE)[1:]
    return tuple((name, body) for name, _, body in (block.partition("\n") for block in blocks))


LOOK_ALIKES: Final = _parsed()
