"""Contexts in which addresses of people and of machines stand: code, config, logs and prose."""

# ruff: noqa: RUF001  # other scripts are what some contexts are about

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_EMAIL: Final = r"""
=== python/email | snake | any | email
send_mail(subject, body, to=["§"])
=== python/author | snake | any | email
__author__ = "⟨name⟩"
__email__ = "§"
=== javascript/email | snake | any | email
const contact = {name: '⟨name⟩', email: '§'};
=== json/email | snake | any | email
{"name": "⟨name⟩", "email": "§", "id": ⟨dig:6⟩}
=== json/email-escaped | snake | any | email
{"body": "Regards,\n§\nSent from my phone"}
=== yaml/email | snake | any | email
maintainers:
  - name: ⟨name⟩
    email: §
=== toml/email | snake | any | email
authors = [{ name = "⟨name⟩", email = "§" }]
=== xml/email | snake | any | email
<person><name>⟨name⟩</name><email>§</email></person>
=== html/mailto | snake | any | email
<p>Write to <a href="mailto:§">us</a> today.</p>
=== html/mailto-query | snake | any | email
<a href="mailto:§?subject=Hello">mail</a>
=== git/commit | snake | any | email
commit ⟨hex:40⟩
Author: ⟨name⟩ <§>
Date:   Mon Mar 4 10:11:12 2024 +0100
=== git/trailer | snake | any | email
Signed-off-by: ⟨name⟩ <§>
=== log/email | snake | any | email
⟨date⟩ ⟨time⟩ INFO mailer: delivered to=<§> status=sent
=== log/email-kv | snake | any | email
level=info user=§ action=login result=ok
=== csv/email | snake | any | email
id,name,email
1,⟨name⟩,§
=== sql/email | snake | any | email
INSERT INTO users VALUES (17, '⟨name⟩', '§', now());
=== shell/email | snake | any | email
git config user.email "§"
=== url/email-encoded | snake | any | email
https://⟨domain⟩/unsubscribe?address=§&list=4
=== english/email | snake | any | email
Please contact ⟨name⟩ (§) before Monday.
=== english/email-end | snake | any | email
You can reach me at §.
=== english/email-list | snake | any | email
Cc: ⟨name⟩ <§>; board
=== korean/email | snake | any | email
문의 사항은 §로 보내 주세요.
=== german/email | snake | any | email
Rückfragen bitte an § richten.
=== french/email | snake | any | email
Écrivez-nous à l’adresse §, merci.
=== japanese/email | snake | any | email
お問い合わせは§までお願いします。
=== chinese/email | snake | any | email
请发送邮件至§联系我们。
=== russian/email | snake | any | email
Пишите на § по всем вопросам.
=== spanish/email | snake | any | email
Mi correo es §; escríbeme.
=== markdown/email | snake | any | email
Report bugs to [the team](mailto:§) or <§>.
=== c/email | snake | any | email
 * \author ⟨name⟩ §
=== ldap/email | snake | any | email
mail: §
=== tex/email | snake | any | email
\email{§}
=== hl7/email | snake | any | email
PID|1||{dig:6}^^^HOSP||⟨user⟩^^||19700102|F|||^^^||^NET^Internet^§|||M
=== ldif/email | snake | any | email
dn: uid=⟨user⟩,ou=people,dc=⟨word⟩
mail: §
objectClass: inetOrgPerson
=== ics/email | snake | any | email
ATTENDEE;CN=⟨name⟩;ROLE=REQ-PARTICIPANT:mailto:§
=== vcard/email | snake | any | email
EMAIL;TYPE=WORK,PREF:§
=== mail/headers | snake | any | email
Return-Path: <§>
X-Original-To: §
=== markdown/email-table | snake | any | email
| ⟨name⟩ | § | on call |
=== html/entity | snake | any | email
&lt;a href=&quot;mailto:§&quot;&gt;
=== json/email-nested | snake | any | email
{"event": "{\\"user\\": \\"§\\", \\"ok\\": true}"}
=== csv/email-first | snake | any | email
§;⟨name⟩;⟨date⟩
=== rust/email | snake | any | email
let owner: &str = "§"; // ⟨name⟩
=== turkish/email | snake | any | email
Sorularınız için § adresine yazın.
=== polish/email | snake | any | email
Proszę o kontakt: §, dziękuję.
=== vietnamese/email | snake | any | email
Vui lòng gửi về § trước thứ hai.
=== pdf/email-columns | snake | any | email
⟨name⟩        §        Room {dig:3}
"""
_IP: Final = r"""
=== python/ip | snake | any | ip
HOST = "§"
=== python/ip-list | snake | any | ip
ALLOWED = ["10.0.0.1", "§"]
=== yaml/ip | snake | any | ip
server:
  address: "§"
=== json/ip | snake | any | ip
{"client_ip": "§", "status": 200}
=== xml/ip | snake | any | ip
<host addr="§" state="up"/>
=== log/nginx | snake | any | ip
§ - - [12/Mar/2024:06:25:24 +0000] "GET /index.html HTTP/1.1" 200 612
=== log/sshd | snake | any | ip
Mar  4 06:25:24 web sshd[⟨dig:4⟩]: Failed password for root from § port 52412 ssh2
=== log/kv | snake | any | ip
⟨date⟩ ⟨time⟩ WARN blocked src=§ dst=10.0.0.4 proto=tcp
=== log/fail2ban | snake | any | ip
NOTICE [sshd] Ban §
=== log/postfix | snake | any | ip
connect from unknown[§]
=== log/forwarded | snake | any | ip
X-Forwarded-For: §, 10.0.0.2
=== shell/ping | snake | any | ip
$ ping §
=== shell/ssh | snake | any | ip
ssh deploy@§
=== shell/iptables | snake | any | ip
iptables -A INPUT -s § -j DROP
=== hosts/line | snake | any | ip
§ web1.⟨domain⟩ web1
=== dns/record | snake | any | ip
§	IN	PTR	⟨domain⟩.
=== ansible/host | snake | any | ip
web1 ansible_host=§ ansible_user=deploy
=== terraform/ip | snake | any | ip
  public_ip = "§"
=== sql/ip | snake | any | ip
INSERT INTO visits (ip, at) VALUES ('§', now());
=== english/ip | snake | any | ip
The attack came from § last night.
=== english/ip-end | snake | any | ip
Please add a firewall rule for §.
=== korean/ip | snake | any | ip
서버 주소는 §이며 외부에서 접속할 수 있습니다.
=== german/ip | snake | any | ip
Der Server ist unter § erreichbar.
=== japanese/ip | snake | any | ip
IPアドレスは§です。
=== chinese/ip | snake | any | ip
服务器地址：§
=== russian/ip | snake | any | ip
Адрес сервера: §, проверьте доступ.
=== csv/ip | snake | any | ip
time,client,path
⟨time⟩,§,/home
=== php/ip | snake | any | ip
if ($_SERVER['REMOTE_ADDR'] == '§') { die(); }
=== go/ip | snake | any | ip
addr := net.ParseIP("§")
=== kubernetes/service | snake | any | ip
  externalIPs:
    - §
=== sip/sdp | snake | any | ip
peer § registered, expires 3600
=== elastic/document | snake | any | ip
{"@timestamp":"⟨date⟩T⟨time⟩Z","source":{"ip":"§"},"event":{"outcome":"failure"}}
=== haproxy/backend | snake | any | ip
  server ⟨word⟩1 § check inter 2s
=== wireguard/peer | snake | any | ip
AllowedIPs = §/32
=== mail/received | snake | any | ip
Received: from ⟨word⟩ ([§]) by mx with ESMTPS
=== markdown/ip-table | snake | any | ip
| ⟨word⟩ | § | up |
=== spanish/ip | snake | any | ip
El servidor § no responde desde ayer.
"""

EMAILS: Final = parse(_EMAIL)
ADDRESSES: Final = parse(_IP)
