"""Contexts in which telephone numbers stand: anywhere, and as their own country writes them."""

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
=== html/tel-link | snake | any | phone
<a class="btn" href="tel:§">Call</a>
=== ldif/phone | snake | any | phone
telephoneNumber: §
=== hl7/phone | snake | any | phone
PID|1||{dig:6}||⟨user⟩||19700102|F|||Main St||§
=== markdown/phone-table | snake | any | phone
| Name | Phone | Room |
|------|-------|------|
| ⟨name⟩ | § | {dig:3} |
=== tsv/phone | snake | any | phone
id	mobile	city
{nz:3}	§	Oslo
=== sql/phone-rows | snake | any | phone
INSERT INTO people (id, name, phone) VALUES ({nz:3}, '⟨name⟩', '§');
=== graphql/phone | snake | any | phone
mutation { setPhone(userId: {nz:4}, phone: "§") { ok } }
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
=== turkish/TR | snake | any | phone
Cep telefonu: §
=== dutch/NL | snake | any | phone
Telefoonnummer: §
=== swedish/SE | snake | any | phone
Telefon: §
=== hindi/IN | snake | any | phone
मोबाइल नंबर: §
=== vietnamese/VN | snake | any | phone
Số điện thoại: §
=== taiwanese/TW | snake | any | phone
聯絡電話：§
=== ukrainian/UA | snake | any | phone
Номер телефону: §
=== indonesian/ID | snake | any | phone
Nomor telepon: §
=== hebrew/IL | snake | any | phone
טלפון: §
=== czech/CZ | snake | any | phone
Telefonní číslo: §
=== danish/DK | snake | any | phone
Telefonnummer: §
=== english/AU | snake | any | phone
Mobile: §
"""

PHONES: Final = parse(_PHONE)
PHONES_BY_REGION: Final = parse(_PHONE_BY_REGION)
