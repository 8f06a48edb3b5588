"""Secrets of a fixed shape that bear the same name everywhere: cloud pairs, framework keys, seeds."""

from __future__ import annotations

from typing import Final

from filters.redact.tokens.named_row import named
from filters.redact.tokens.token import Token

# Forty characters of base64 with capitals and small letters: no hash in hexadecimal, no path
_FORTY: Final = r"(?=[a-z0-9+/]{0,39}[A-Z])(?=[A-Z0-9+/]{0,39}[a-z])[A-Za-z0-9+/]{40}"
# Thirty-two random bytes, as hexadecimal or base64
_BYTES_32: Final = ("{hex:64}", "{b64:43}=", "{url:43}=", "{hex:32}", "{b64:22}==", "{hex:128}")

TOKENS: Final = (
    # Clouds
    Token("aws", "secret-access-key", _FORTY,
          near=r"aws|amazon|(?<![a-z])s3|secret_?(?:access)?_?key|(?-i:A[KS]IA[A-Z0-9]{16})",
          yes=("AWS_SECRET_ACCESS_KEY=«{b64:40}»", '"secretAccessKey": "«{b64:40}»",',
               "aws_secret = '«{b64:40}»'", "AKIA{b32:16},«{b64:40}»", "SecretKey: «{b64:40}»",
               'new BasicAWSCredentials("AKIA{b32:16}", "«{b64:40}»")',
               "aws configure set aws_secret_access_key «{b64:40}»",
               "'secret' => env('AWS_SECRET', '«{b64:40}»'),"),
          no=("aws_key_sha1 = {hex:40}", "https://s3.amazonaws.com/key/{hex:40}")),
    named("aws", "session token", "{b64:100-1500}{pad:0-2}", level="balanced",
          near=r"aws|session_?token|security_?token|x-amz"),
    named("azure", "account key", "{b64:86}==", level="balanced",
          near=r"azure|account_?key|storage|cosmos|primary|secondary|master_?key|documentdb|batch"),
    named("azure", "search key", "{an:52}", "{HEX:32}", level="balanced", near=r"azure|search"),
    named("azure", "function key", "{b64:54}==", "{url:54}==", "{url:53}AzFu{b64:6}==", level="balanced",
          near=r"azure|function|host_?key|x-functions-key|code"),
    named("azure", "app secret", "{uuid}", "{b64:43}=", "{b64:44}", level="balanced",
          near=r"arm_client|azure|(?<![a-z])aad|tenant|active_?directory"),
    named("azure", "subscription access key", "{hex:32}", level="balanced",
          near=r"ocp-apim|subscription|cognitive|azure|text_?analytics|face_?api|translator"),
    Token("gcp", "private-key-id", r"private_key_id\\?[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\?[\"']?([a-f0-9]{40})",
          yes=('"private_key_id": "«{hex:40}»",', r'{\"private_key_id\": \"«{hex:40}»\"}'),
          no=('"private_key_id": "{hex:32}"', '"key_id": "{hex:40}"')),
    # Frameworks
    named("rails", "secret key base", "{hex:128}", "{hex:64}", level="balanced",
          near=r"secret_?key|secret_?token|devise|pepper|rails"),
    named("laravel", "app key", "base64:{b64:43}=", near=r"key"),
    named("symfony", "app secret", "{hex:32}", "{hex:40}", level="balanced",
          near=r"app_?secret|kernel\.secret|symfony"),
    named("jwt", "secret", *_BYTES_32, "{an:32}", level="balanced",
          near=r"jwt|next_?auth|auth_?secret|session_?(?:secret|key|pass)|cookie_?(?:secret|key|pass)|"
          r"nuxt|remix|better_?auth|payload_?secret|strapi|admin_?jwt|api_?token_?salt|app_?keys"),
    named("encryption", "key", *_BYTES_32, level="balanced",
          near=r"encrypt|crypt|master_?key|signing|hmac|(?<![a-z])aes|fernet|cipher|secret_?key|"
          r"data_?key|vault_?key|backup_?key|key_?base|pepper"),
    named("client", "secret", "{uuid}", "{hex:32}", "{hex:40}", "{hex:64}", level="balanced",
          near=r"(?:client|app|consumer|api|shared|webhook|hook)[_.-]?secret"),
    named("generic", "api key", "{uuid}", level="balanced",
          near=r"(?:api|access|auth|service|private|subscription|license|licence|app)[_.-]?(?:key|token)|"
          r"secret|passw|bearer|(?<![a-z])token(?![a-z_])"),
    # Seeds and keys of wallets and tunnels
    named("totp", "secret", "{b32:32}", "{b32:52}", "{b32:16-64}", level="balanced",
          near=r"otp|2fa|mfa|two_?factor|authenticator"),
    named("wireguard", "private key", "{b64:43}=", level="balanced",
          near=r"private_?key|pre_?shared_?key|(?<![a-z])psk|wg|wireguard"),
    named("ethereum", "private key", "0x{hex:64}", "{hex:64}", level="balanced",
          near=r"priv(?:ate)?_?-?key|deployer|wallet|signer|(?<![a-z])eth|mnemonic|account_?key"),
)  # fmt: skip
