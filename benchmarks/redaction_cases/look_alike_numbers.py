"""Texts that look like addresses, numbers and names of people, or like keys, and are data of other kinds."""

# ruff: noqa: RUF001  # other scripts are what some contexts are about

from __future__ import annotations

from typing import Final

NUMBERS: Final = r"""
=== version list
Requires 1.2.3.4, 10.0.19041.1 or 4.18.0.25; tested with 121.0.6167.85
=== version assembly
[assembly: AssemblyVersion("{nz:1}.{nz:1}.{dig:3}.{nz:2}")]
=== version user agent
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/121.0.{nz:4}.{nz:2} Safari/537.36
=== version json
{"version": "2.{nz:2}.{nz:1}.{nz:2}", "name": "⟨word⟩"}
=== version dotted four
⟨word⟩ version 8.{nz:2}.{nz:2}.{nz:1} released
=== file version resource
FILEVERSION 3,12,40,7
"FileVersion", "3.{nz:2}.{nz:2}.7"
=== oid
1.3.6.1.4.1.{nz:4}.{nz:1}.2 and 2.5.29.15, szOID 1.2.840.113549.1.1.11
=== section numbers
See section 4.12.33.8 and 10.2.1.19 of the standard.
=== svg path
<path d="M{nz:2}.{nz:1} {nz:2}.{nz:1}c0-1.1.9-2 2-2h{nz:2}.{nz:1}l-{nz:1}.{nz:2}.{nz:2}.{nz:1}.{nz:2}z"/>
=== svg minified
<path d="M12.17.32.45.61l1.2.3.4.5.6.7C6.3.29.16.4 12.21.33.48z"/>
=== private addresses
10.{nz:2}.{nz:1}.{nz:2} 192.168.{nz:1}.{nz:2} 172.16.{nz:1}.{nz:2} 127.0.0.1 0.0.0.0
=== documentation addresses
192.0.2.{nz:2} 198.51.100.{nz:2} 203.0.113.{nz:2} 2001:db8::{hex:4}
=== netmasks
255.255.255.0 255.255.{nz:1}.0 224.0.0.251 169.254.1.{nz:1}
=== popular dns
nameserver 8.8.8.8
nameserver 1.1.1.1
=== local ipv6
::1 fe80::{hex:4}:{hex:3}ff:fe00:{hex:4} fd00::{hex:4} ff02::1
=== c++ scope
std::chrono::seconds a::b::c Foo::Bar::baz dead::beef face::cafe
=== times
12:34:56 00:00:01.123 10:20:30:40 2024-03-04T05:06:07+08:00
=== timestamps
1700000{dig:3} 17000{dig:8} {"created_at": 16{dig:8}, "updated": 16{dig:11}}
=== timestamps in names
backup-20240{nz:1}1{nz:1}-1{nz:1}3045.tar.gz 2024011{nz:1}123456789
=== dates with dashes
2024-03-04 04-03-2024 900-10-20 12-34-5678
=== isbn
ISBN 978-0-13-{dig:6}-7, ISBN-10: 0-262-{dig:5}-8
=== ean
ean: 40{dig:11} upc: 0{dig:11}
=== test cards
4242424242424242 4111 1111 1111 1111 5555-5555-5555-4444 378282246310005
=== long ids
order_id = {nz:1}{dig:15}0 tweet 1{dig:18} account 000{dig:9}
=== snowflake ids
channel_id: 1{dig:17} guild 9{dig:17}
=== digits of pi
3.14159265358979323846264338327950288
=== floating numbers
weights = [0.{dig:16}, -1.{dig:15}e-05, 0.{dig:17}, {nz:3}.{dig:12}]
=== coordinates
{"lat": 48.{dig:6}, "lon": 2.{dig:7}, "bbox": [-{nz:2}.{dig:6}, {nz:2}.{dig:6}]}
=== matrices
0 1 0 1 1 0 1 0 12 34 56 78 90 11 22 33 44 55
=== hex colours
#{hex:6} #{hex:8} rgba(12, 34, 56, 0.7) 0x{HEX:8}
=== c hex array
static const uint8_t k[] = {0x{hex:2}, 0x{hex:2}, 0x{hex:2}, 0x{hex:2}, 0x{hex:2}};
=== hash constants
uint64_t prime = 0x{hex:16}ULL; uint32_t crc[2] = {0x{hex:8}, 0x{hex:8}};
=== hexdump
00000010  {hex:2} {hex:2} {hex:2} {hex:2} {hex:2} {hex:2} {hex:2} {hex:2}  |.ELF....|
=== crash addresses
#3 0x0000{hex:12} in main (argc=1) at main.c:42
=== base64 image
<img src="data:image/png;base64,iVBORw0KGgo{b64:200}==" alt="logo">
=== base64 font
src: url(data:font/woff2;base64,d09GMgAB{b64:240}) format("woff2");
=== source map
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJz{b64:100}
=== notebook output
{"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo{b64:160}\n"}, "metadata": {}}
=== notebook cell ids
{"cell_type": "markdown", "id": "{hex:8}-{hex:4}", "metadata": {"id": "{url:12}"}}
=== certificate
⟨dash⟩BEGIN CERTIFICATE⟨dash⟩
MIID{b64:60}
{b64:64}
⟨dash⟩END CERTIFICATE⟨dash⟩
=== public key
⟨dash⟩BEGIN PUBLIC KEY⟨dash⟩
MIIB{b64:60}
{b64:20}
⟨dash⟩END PUBLIC KEY⟨dash⟩
=== ssh public key
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b64:43} ⟨word⟩-laptop
=== ssh rsa public key
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{b64:340} ⟨word⟩-host
=== known hosts
|1|{b64:27}=|{b64:27}= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b64:43}
=== ssh fingerprint
SHA256:{b64:43} (ED25519) and MD5:{hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2}:{hex:2}
=== pgp signature
⟨dash⟩BEGIN PGP SIGNATURE⟨dash⟩

iQIz{b64:60}
⟨dash⟩END PGP SIGNATURE⟨dash⟩
=== key header in prose
A PEM file starts with "⟨dash⟩BEGIN RSA PRIVATE KEY⟨dash⟩" on its first line.
=== public jwk
{"kty": "EC", "crv": "P-256", "x": "{url:43}", "y": "{url:43}", "kid": "{an:12}"}
=== reserved domains
user@example.com admin@example.org test@localhost me@foo.test you@x.invalid root@host.example
=== not an address
@mixin name@2x.png icon@3x.webp npm install @types/node@18.11.9 react@17.0.2
=== decorators
@app.route("/x")
@pytest.mark.parametrize("a,b", [(1, 2)])
=== scp path
git@github.com:⟨word⟩/⟨word⟩.git
=== asset at scale
import logo from './assets/logo@2x.png'
=== at in url
https://medium.com/@⟨word⟩/how-to-3f2a and https://unpkg.com/vue@3.3.4/dist/vue.js
=== twitter handle
Follow @⟨word⟩_dev and @⟨word⟩ for updates.
=== css media
@media (min-width: 768px) { .a { margin: 0 } } @import url("foo.css");
=== phone-like numbers
Error 555-0142: part 800-1234 rev 12-34-56, range 100-200, pages 123-4567
=== phone examples
Call 555-0123 or (555) 555-0199; US format is +1 (555) 555-0100
=== serial numbers
serial: {up:4}-{dig:4}-{up:4} model XJ-{dig:4}
=== arithmetic
x = 1234567890 - 987654321 + 5550100 * 3
=== phone regexes
pattern = r"^\+?\d{1,3}[-.\s]?\(?\d{3}\)?[-.\s]?\d{4}$"
=== table of numbers
2019 1032 4411 9980 2020 1178 4523 9991 2021 1290 4677 10020
=== iban formats
IBAN format: DEkk bbbb bbbb cccc cccc cc (22 characters), GB2!n4!a6!n8!n
=== iban specimen
DE89 3704 0044 0532 0130 00 and GB82 WEST 1234 5698 7654 32
=== ssn patterns
SSN format: XXX-XX-XXXX; 000-12-3456, 666-45-6789 and 900-12-3456 are invalid.
=== mac specials
ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 01:00:5e:00:00:fb
=== eth zero address
0x0000000000000000000000000000000000000000 and 0xdeadbeef
=== transaction hash
tx 0x{hex:64} mined in block 0x{hex:64}
=== solidity bytes32
bytes32 constant SLOT = 0x{hex:64};
=== long identifiers
convertAuthenticationTokenResponseToSessionCredentialProvider PasswordResetTokenGeneratorFactoryBean
=== xpath and java names
org.springframework.security.authentication.UsernamePasswordAuthenticationToken
=== environment names
AWS_SECRET_ACCESS_KEY, GITHUB_TOKEN and NPM_TOKEN must be set in the environment.
=== api docs
GET /v1/token?grant_type=password&scope=read returns {"token_type": "bearer", "expires_in": 3600}
=== oauth scopes
scope=https://www.googleapis.com/auth/drive.readonly&response_type=code&prompt=consent
=== content types
Content-Type: multipart/form-data; boundary=----WebKitFormBoundary{an:16}
=== bearer in docs
Authorization: Bearer <token>
=== bearer variable
headers = {"Authorization": f"Bearer {access_token}"}
=== basic in docs
Authorization: Basic <base64(user:password)>
=== url placeholders
postgres://user:password@localhost:5432/db and https://<user>:<token>@github.com/x.git
=== url variables
mongodb://${DB_USER}:${DB_PASS}@${DB_HOST}/db redis://:{{ redis_password }}@cache:6379
=== url with port and at
http://⟨host⟩:8080/@scope/pkg and ssh://git@⟨host⟩:22/repo.git
=== sops
password: ENC[AES256_GCM,data:{b64:12}=,iv:{b64:43}=,tag:{b64:22}==,type:str]
=== ansible vault
$ANSIBLE_VAULT;1.1;AES256
{dig:80}
=== passwd file
⟨word⟩:x:1001:1001:⟨word⟩ service:/home/⟨word⟩:/bin/bash
=== dna
ACGTACGTTAGCCGATAGCTAGCTAGGATCGATCGTTAGCGATTACA
=== protein
MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVK
=== alphabet constants
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
=== base58 alphabet
const B58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
=== protobuf descriptor
_DESCRIPTOR = b'\n\x0b⟨word⟩.proto\x12\x05⟨word⟩\"\x1f\n\x05Token\x12\x16'
=== cmake
set(PROJECT_VERSION_TWEAK 4) set(SHA256 {hex:64})
=== homebrew
  url "https://⟨domain⟩/⟨word⟩-2.1.tar.gz"
  sha256 "{hex:64}"
=== bazel
http_archive(name = "⟨word⟩", sha256 = "{hex:64}", urls = ["https://⟨domain⟩/a.zip"])
=== dvc
outs:
- md5: {hex:32}
  size: 14445097
  path: data.xml
=== lfs pointer
version https://git-lfs.github.com/spec/v1
oid sha256:{hex:64}
size {nz:1}{dig:6}
=== test vector
assert sha1(b"abc").hexdigest() == "{hex:40}"
=== checksum assertion
self.assertEqual(md5(data), "{hex:32}")
=== revision constants
_COMMIT = "{hex:40}"
revision: str = "{hex:40}"
=== alembic
revision = '{hex:12}'
down_revision = '{hex:12}'
=== gradle wrapper
distributionSha256Sum={hex:64}
=== apk build
sha512sums="
{hex:128}  ⟨word⟩-1.0.tar.gz
"
=== debian control
Checksums-Sha256:
 {hex:64} 12345 ⟨word⟩_1.0.orig.tar.gz
=== xcode project
		{HEX:24} /* App.swift in Sources */ = {isa = PBXBuildFile; fileRef = {HEX:24}; };
=== unity guid
fileFormatVersion: 2
guid: {hex:32}
=== msbuild guid
<ProjectGuid>{{uuid}}</ProjectGuid>
=== windows sid
S-1-5-21-{dig:10}-{dig:10}-{dig:9}-1001
=== registry clsid
CLSID\{{uuid}}\InprocServer32
=== public wallet docs
A Bitcoin address starts with 1, 3 or bc1; an Ethereum address has 40 hex digits.
=== dom ids
<g id="Layer_1_{dig:13}_" transform="translate(-{nz:3}.{nz:3} {nz:2}.{nz:1})">
=== email regex
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
=== latex and math
$$\int_0^1 x^2 dx = 0.333$$ see \cite{knuth1984token} and \ref{sec:password-hashing}
=== log levels
12:30:11.482 [main] DEBUG o.s.w.s.DispatcherServlet - GET "/login?error", parameters={masked}
=== k8s pod names
⟨word⟩-{low:10}-{low:5} 1/1 Running 0 3d4h
=== s3 urls
https://⟨word⟩-bucket.s3.amazonaws.com/builds/{hex:40}/app.zip
=== image urls
https://cdn.⟨domain⟩/avatars/{hex:32}.png?size=128
=== gravatar
https://www.gravatar.com/avatar/{hex:32}?d=identicon
=== pubkey pins
pin-sha256="{b64:43}="; max-age=5184000
=== dkim record
v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ{b64:150}
=== txt verification
google-site-verification={url:43}
=== citation doi
doi:10.1145/{dig:7}.{dig:7} arXiv:2301.{dig:5}
=== bank like text
VAT DE{dig:9}, invoice 2024-{dig:6}, order {nz:1}{dig:9}
=== korean dates
2024년 3월 4일 오후 3시 20분, 사업자등록번호 예시 000-00-00000
=== chinese numbers
订单编号：2024030{nz:1}{dig:6} 版本 3.2.1.8
"""
