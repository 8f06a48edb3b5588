"""Contexts in which numbers of people and of their accounts stand, by type, in many languages."""

# ruff: noqa: RUF001  # other scripts are what some contexts are about

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_PHONE: Final = r"""
=== json/phone | snake | any | phone
{"name": "⟨name⟩", "phone": "§"}
=== python/phone | snake | any | phone
user = User(name="⟨name⟩", phone_number="§")
=== yaml/mobile | snake | any | phone
contact:
  mobile: "§"
=== csv/phone | snake | any | phone
name,phone,city
⟨name⟩,§,Springfield
=== sql/phone | snake | any | phone
UPDATE customers SET telephone = '§' WHERE id = 7;
=== xml/phone | snake | any | phone
<contact><phone>§</phone></contact>
=== html/tel | snake | any | phone
<span class="tel">Tel: §</span>
=== vcard/tel | snake | any | phone
TEL;TYPE=CELL:§
=== log/sms | snake | any | phone
⟨date⟩ ⟨time⟩ INFO sms gateway: sent OTP to phone §
=== english/call | snake | any | phone
Please call me at § tomorrow.
=== english/signature | snake | any | phone
⟨name⟩
Tel. §
=== english/mobile | snake | any | phone
My mobile number is §.
"""
_PHONE_BY_REGION: Final = r"""
=== korean/KR | snake | any | phone
연락처: §
=== korean/KR-mobile | snake | any | phone
담당자 전화번호는 § 입니다.
=== german/DE | snake | any | phone
Telefon: §
=== german/DE-mobile | snake | any | phone
Sie erreichen mich mobil unter §.
=== french/FR | snake | any | phone
Téléphone : §
=== french/FR-call | snake | any | phone
Appelez-moi au §.
=== spanish/ES | snake | any | phone
Teléfono: §
=== italian/IT | snake | any | phone
Cellulare: §
=== japanese/JP | snake | any | phone
電話番号：§
=== chinese/CN | snake | any | phone
手机号：§
=== chinese/CN-call | snake | any | phone
联系电话§，欢迎来电。
=== russian/RU | snake | any | phone
Телефон: §
=== portuguese/BR | snake | any | phone
Telefone: §
=== english/US | snake | any | phone
Call § to place an order.
=== english/GB | snake | any | phone
Phone: § (office hours)
=== polish/PL | snake | any | phone
Nr telefonu: §
"""
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
"""


PHONES: Final = parse(_PHONE)
PHONES_BY_REGION: Final = parse(_PHONE_BY_REGION)
CARDS: Final = parse(_CARD)
IBANS: Final = parse(_IBAN)
SSNS: Final = parse(_SSN)
RRNS: Final = parse(_RRN)
MACS: Final = parse(_MAC)
WALLETS: Final = parse(_WALLET)
