"""Contexts in which numbers of people and of their accounts stand, by type, in many languages."""

# ruff: noqa: RUF001  # other scripts are what some contexts are about

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_CARD: Final = r"""
=== json/card | snake | any | card
{"card_number": "§", "exp": "04/27"}
=== json/card-tight | snake | any | card
{"amount":⟨dig:3⟩,"pan":"§","cvv":null}
=== python/card | snake | any | card
charge(card="§", amount=100)
=== java/card | snake | any | card
String cardNumber = "§";
=== csv/card | snake | any | card
customer,card,expires
⟨name⟩,§,09/26
=== log/card | snake | any | card
⟨date⟩ ⟨time⟩ ERROR payment declined for card § code=51
=== sql/card | snake | any | card
INSERT INTO payments (card_no, total) VALUES ('§', 12.50);
=== xml/card | snake | any | card
<payment><cardNumber>§</cardNumber></payment>
=== yaml/card | snake | any | card
credit_card: "§"
=== english/card | snake | any | card
My credit card number is §, expiring in May.
=== english/card-charge | snake | any | card
Please charge it to § (⟨name⟩).
=== german/card | snake | any | card
Kreditkarte: §
=== korean/card | snake | any | card
카드번호: §
=== japanese/card | snake | any | card
カード番号：§
=== chinese/card | snake | any | card
银行卡号：§
=== spanish/card | snake | any | card
Tarjeta de crédito: §
=== markdown/card-table | snake | any | card
| holder | card number | exp |
|--------|-------------|-----|
| ⟨name⟩ | § | 09/26 |
=== chat/card | snake | any | card
<⟨user⟩> ok use § exp 09/26
=== form/card | snake | any | card
holder=⟨user⟩&cc_number=§&cc_exp=0926
=== json/card-nested | snake | any | card
"{\\"card\\":{\\"number\\":\\"§\\"}}"
=== french/card | snake | any | card
Numéro de carte bancaire : §
=== russian/card | snake | any | card
Номер карты: §
=== ruby/card | snake | any | card
Card.create!(number: "§", cvc: "{dig:3}")
"""
_IBAN: Final = r"""
=== json/iban | snake | any | iban
{"holder": "⟨name⟩", "iban": "§"}
=== python/iban | snake | any | iban
transfer(to="§", amount=50)
=== xml/iban | snake | any | iban
<CdtrAcct><Id><IBAN>§</IBAN></Id></CdtrAcct>
=== csv/iban | snake | any | iban
name,account
⟨name⟩,§
=== yaml/iban | snake | any | iban
account: §
=== log/iban | snake | any | iban
⟨date⟩ INFO sepa: debit from § accepted
=== english/iban | snake | any | iban
Please transfer the amount to IBAN § by Friday.
=== english/iban-end | snake | any | iban
My account is §.
=== german/iban | snake | any | iban
Bankverbindung: § (⟨name⟩)
=== french/iban | snake | any | iban
IBAN : §
=== dutch/iban | snake | any | iban
Rekeningnummer §
=== sql/iban | snake | any | iban
INSERT INTO accounts VALUES (3, '§');
=== mt940/iban | snake | any | iban
:20:STARTUMS
:25:§
=== markdown/iban-table | snake | any | iban
| ⟨name⟩ | § | EUR |
=== edifact/iban | snake | any | iban
FII+BF+§:⟨user⟩'
=== polish/iban | snake | any | iban
Numer rachunku: §
=== spanish/iban | snake | any | iban
Ingrese el importe en la cuenta §, gracias.
"""
_SSN: Final = r"""
=== json/ssn | snake | any | ssn
{"name": "⟨name⟩", "ssn": "§"}
=== python/ssn | snake | any | ssn
patient = Patient(ssn="§")
=== csv/ssn | snake | any | ssn
name,ssn,dob
⟨name⟩,§,1980-02-03
=== xml/ssn | snake | any | ssn
<ssn>§</ssn>
=== log/ssn | snake | any | ssn
⟨date⟩ ⟨time⟩ WARN duplicate SSN § in batch
=== english/ssn | snake | any | ssn
Her social security number is §.
=== english/ssn-form | snake | any | ssn
Social Security #: §
=== sql/ssn | snake | any | ssn
UPDATE employees SET social_security = '§' WHERE id = 4;
=== yaml/ssn | snake | any | ssn
tax_id: "§"  # SSN
=== markdown/ssn-table | snake | any | ssn
| name | ssn |
|------|-----|
| ⟨name⟩ | § |
=== hl7/ssn | snake | any | ssn
PID|1||{dig:6}^^^HOSP||⟨user⟩||19700102|F|||||||||{dig:6}|§
=== chat/ssn | snake | any | ssn
<⟨user⟩> my ssn is § if you need it
=== java/ssn | snake | any | ssn
employee.setSocialSecurityNumber("§");
=== toml/ssn | snake | any | ssn
ssn = "§"
"""
_RRN: Final = r"""
=== json/rrn | snake | any | rrn
{"name": "⟨name⟩", "rrn": "§"}
=== korean/rrn | snake | any | rrn
주민등록번호: §
=== korean/rrn-sentence | snake | any | rrn
본인의 주민번호는 § 입니다.
=== korean/rrn-parens | snake | any | rrn
신청인(§)의 주소가 변경되었습니다.
=== csv/rrn | snake | any | rrn
이름,주민등록번호
홍길동,§
=== sql/rrn | snake | any | rrn
INSERT INTO member (name, jumin_no) VALUES ('⟨name⟩', '§');
=== python/rrn | snake | any | rrn
resident_registration_number = "§"
=== xml/rrn | snake | any | rrn
<residentNo>§</residentNo>
=== markdown/rrn-table | snake | any | rrn
| 성명 | 주민등록번호 |
|------|------|
| 홍길동 | § |
=== log/rrn | snake | any | rrn
⟨date⟩ ⟨time⟩ INFO verify rrn=§ result=ok
=== java/rrn | snake | any | rrn
member.setJuminNo("§");
=== tsv/rrn | snake | any | rrn
id	name	jumin_no
{nz:3}	⟨user⟩	§
=== korean/rrn-form | snake | any | rrn
성명: 홍길동  주민등록번호: §  주소: 서울
"""
_MAC: Final = r"""
=== yaml/mac | snake | any | mac
interface:
  mac: "§"
=== log/dhcp | snake | any | mac
dhcpd: DHCPACK on 10.0.0.12 to § via eth0
=== shell/ifconfig | snake | any | mac
    ether §  txqueuelen 1000  (Ethernet)
=== json/mac | snake | any | mac
{"hw_address": "§", "port": 3}
=== english/mac | snake | any | mac
The MAC address of the printer is §.
=== python/mac | snake | any | mac
wake_on_lan("§")
=== log/wpa | snake | any | mac
wpa_supplicant[{dig:4}]: wlan0: Trying to associate with § (SSID='⟨word⟩')
=== shell/arp | snake | any | mac
10.0.0.7 dev eth0 lladdr § REACHABLE
=== csv/mac | snake | any | mac
host,mac,vlan
⟨word⟩,§,20
=== xml/mac | snake | any | mac
<mac address='§'/>
=== german/mac | snake | any | mac
Die MAC-Adresse lautet §.
"""
_WALLET: Final = r"""
=== json/wallet | snake | any | wallet
{"currency": "⟨word⟩", "address": "§"}
=== python/wallet | snake | any | wallet
PAYOUT_ADDRESS = "§"
=== markdown/donate | snake | any | wallet
Donations are welcome: `§`
=== english/wallet | snake | any | wallet
Send the coins to my wallet § please.
=== yaml/wallet | snake | any | wallet
miner:
  wallet: §
=== log/wallet | snake | any | wallet
⟨date⟩ INFO withdraw to § confirmed
=== russian/wallet | snake | any | wallet
Мой кошелёк: §
=== shell/miner | snake | any | wallet
./miner -o pool.⟨domain⟩:3333 -u §.rig1 -p x
=== sql/wallet | snake | any | wallet
INSERT INTO payouts (wallet, amount) VALUES ('§', 3);
=== html/wallet | snake | any | wallet
<p>Donate: <code class="addr">§</code></p>
=== korean/wallet | snake | any | wallet
입금 지갑 주소: §
"""


CARDS: Final = parse(_CARD)
IBANS: Final = parse(_IBAN)
SSNS: Final = parse(_SSN)
RRNS: Final = parse(_RRN)
MACS: Final = parse(_MAC)
WALLETS: Final = parse(_WALLET)
