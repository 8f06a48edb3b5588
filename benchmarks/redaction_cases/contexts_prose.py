"""Contexts of prose, chat, mail and tickets in nine languages in which a secret is told."""

# ruff: noqa: RUF001  # other scripts are what some contexts are about

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_SOURCE: Final = r"""
=== english/chat-password | spaced | word | pw
<⟨user⟩> hey, the new password is § - don't share it
=== english/chat-creds | spaced | word | pw
login: ⟨user⟩ / password: §
=== english/mail | spaced | word | pw
Hi ⟨name⟩,

your account has been created.
Username: ⟨user⟩
Password: §

Please change it at the first login.
=== english/temp | spaced | word | pw
Your temporary password is: §
=== english/wifi | spaced | word | pw
The wifi password for the guest network is "§".
=== english/pwd | spaced | word | pw
ssh into ⟨host⟩, user ⟨user⟩, pwd §
=== english/named | title | word | any
¶: §
=== english/use-key | spaced | word | any
You can use this ¶ for testing: §
=== english/is | spaced | word | any
The ¶ is `§` until Friday.
=== english/ticket | title | word | any
h2. Access

* URL: https://⟨host⟩/
* ¶: §
=== english/readme | upper | bare | any
## Configuration

Set `¶` to `§` before starting the server:
=== english/slack-token | spaced | word | tok
fyi prod ¶ → §
=== english/question | spaced | str | any
I get a 401 when I call `client.connect(¶="§")`, what is wrong?
=== english/quoted-mail | spaced | word | pw
> On Tuesday ⟨name⟩ wrote:
> the login is ⟨user⟩ and the password is §
ok thanks
=== english/set-to | spaced | word | pw
We have set the root password to § on all of the new machines.
=== korean/password | spaced | word | pw
서버 비밀번호는 § 입니다.
=== korean/colon | spaced | word | pw
아이디: ⟨user⟩
비밀번호: §
=== korean/particle | spaced | word | pw
관리자 계정 암호를 §로 변경했습니다.
=== korean/slash | spaced | word | pw
DB 접속 정보: ⟨user⟩ / 비번 §
=== korean/key | spaced | word | tok
API 키는 § 이고 만료일은 다음 달입니다.
=== korean/parens | spaced | word | pw
임시 패스워드(§)로 로그인하세요.
=== german/password | spaced | word | pw
Das Passwort lautet §, bitte nicht weitergeben.
=== german/colon | spaced | word | pw
Benutzername: ⟨user⟩
Kennwort: §
=== german/key | spaced | word | tok
Der API-Schlüssel ist § und läuft im Mai ab.
=== french/password | spaced | word | pw
Le mot de passe est § pour le serveur de test.
=== french/colon | spaced | word | pw
Identifiant : ⟨user⟩
Mot de passe : §
=== french/key | spaced | word | tok
Voici la clé API : §
=== spanish/password | spaced | word | pw
La contraseña es § y el usuario es ⟨user⟩.
=== spanish/colon | spaced | word | pw
Usuario: ⟨user⟩
Contraseña: §
=== spanish/clave | spaced | word | any
clave de acceso: §
=== portuguese/password | spaced | word | pw
A senha do banco é § (não compartilhe).
=== portuguese/colon | spaced | word | pw
Usuário: ⟨user⟩
Senha: §
=== japanese/password | spaced | word | pw
パスワードは § です。
=== japanese/colon | spaced | word | pw
ユーザー名：⟨user⟩
パスワード：§
=== japanese/key | spaced | word | tok
APIキー：§
=== chinese/password | spaced | word | pw
数据库的密码是 §，请不要外传。
=== chinese/colon | spaced | word | pw
用户名：⟨user⟩
密码：§
=== chinese/key | spaced | word | tok
密钥：§
=== chinese/initial | spaced | word | pw
默认账号 ⟨user⟩ 初始密码 §
=== russian/password | spaced | word | pw
Пароль от сервера: §
=== russian/sentence | spaced | word | pw
логин ⟨user⟩, пароль §
=== russian/key | spaced | word | tok
Ключ API: §
=== italian/colon | spaced | word | pw
Utente: ⟨user⟩
Password: §
Parola d'ordine: §
=== polish/colon | spaced | word | pw
Hasło: §
=== turkish/colon | spaced | word | pw
Kullanıcı adı: ⟨user⟩
Şifre: §
=== dutch/sentence | spaced | word | pw
Het wachtwoord is § voor iedereen.
"""

TEMPLATES: Final = parse(_SOURCE)
