"""Credentials in queries: what functions of SQL hash or encrypt, and what procedures and comparisons name.

Sources: the manuals of MySQL, PostgreSQL (pgcrypto) and SQL Server.
"""

from __future__ import annotations

import re
from typing import Final

from filters.redact.secrets.forms import Form
from filters.redact.secrets.logins import is_login, is_password, is_token

_TEXT: Final = r"\\{0,3}(?P<quote>[\"'])(?P<span>[^\"'\n\\]{5,200})\\{0,3}(?P=quote)"

QUERIES: Final = (
    Form(
        "hashed-by-query",
        r"(?i:\b(?:\w{0,20}(?:password|passwd|pass|pwd)\w{0,10}|\w{1,20}_pw|pw)[`\"\]]?[ ]?=[ ]?"
        r"(?:md5|sha1?|sha2|old_password|password|encrypt|crypt|aes_encrypt|hashbytes|unhex|hex|concat|"
        rf"pgp_sym_encrypt)\([ ]?(?:'[\w\-]{{2,12}}',[ ]?)?(?:sha1\(|md5\(|unhex\([ ]?)?){_TEXT}",
        is_login,
        ("UPDATE users SET password = MD5('«{an:12}7») WHERE id=1;".replace("»)", "»')"),),
        ("SET password = MD5('password')",),
        trigger=r"(?i:pass|pwd|password|passwd|pw)\w{0,10}[`\"\]]?[ ]?=[ ]?(?i:md5|sha|old_p|passw|encr|crypt|"
        r"aes_|hash|un|hex|conc|pgp)"
        r"\w{0,16}\([^\n]*['\"]",
    ),
    Form(
        "encrypted-by-query",
        rf"(?i:\bcrypt\([ ]?){_TEXT}(?i:,[ ]?gen_salt)",
        is_login,
        ("SELECT crypt('«{an:12}7»', gen_salt('bf'));",),
        ("SELECT crypt('password', gen_salt('bf'));",),
        trigger=r"(?i:crypt)\([ ]?\\*['\"][^\n]*gen_salt",
    ),
    Form(
        "keyed-by-query",
        rf"(?i:\b(?:pgp_sym_(?:en|de)crypt|aes_(?:en|de)crypt|encode|decode|des_encrypt|encryptbypassphrase)"
        rf"\([^\n()]{{1,80}},[ ]?){_TEXT}",
        is_password,
        ("select pgp_sym_encrypt('x', '«{an:12}7»');", "AES_ENCRYPT(card, '«{an:16}7»')"),
        ("select pgp_sym_encrypt('x', 'password');", "encode(digest(x, 'sha256'), 'hex')"),
        trigger=r"(?i:pgp_sym_encrypt|pgp_sym_decrypt|aes_encrypt|aes_decrypt|des_encrypt|encryptbypassphrase)\(",
    ),
    Form(
        "login-procedure",
        rf"(?i:\bsp_(?:addlogin|password|addlinkedsrvlogin|changepassword)\b[^\n;]{{0,120}}?[ ,]){_TEXT}(?i:"
        rf"(?:,[ ]?N?'[\w.\-]{{1,40}}')?[ ]?(?:;|$))",
        is_password,
        ("EXEC sp_addlogin 'ada', '«{an:12}7»';", "EXEC sp_password 'old', '«{an:12}7»', 'ada';"),
        ("EXEC sp_addlogin 'ada', 'password';",),
        re.MULTILINE,
        trigger=r"(?i:sp_addlogin|sp_password|sp_addlinkedsrvlogin|sp_changepassword)",
    ),
    Form(
        "queried-token",
        r"(?i:\b(?:where|and|or)\s{1,4}[\"`]?(?:\w{1,30}\.)?\w{0,20}token[\"`]?\s?=\s?)N?(?P<quote>')(?P<span>[^'\s]{16,400})'",
        is_token,
        ("SELECT * FROM sessions WHERE token='«{an:40}»';",),
        ("SELECT * FROM t WHERE token='refresh_token_of_user';",),
        trigger=r"(?i:where|and|or)\s[^\n]{0,60}(?i:token)[\"`]?\s?=\s?N?'[^'\s]{16}",
    ),
)
