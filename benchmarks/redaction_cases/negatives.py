"""Hard negatives: what looks like a secret or like personal data and is neither."""

# ruff: noqa: RUF001, SIM905  # other scripts are wanted; a list of words reads as a line

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redaction_cases import contexts_code, contexts_config, contexts_log, contexts_prose, urls
from redaction_cases.case import Case, Value, half_of
from redaction_cases.look_alikes import LOOK_ALIKES
from redaction_cases.template import Template, fill, parse, render
from redaction_cases.values import PASSWORD_NAMES, TOKEN_NAMES

if TYPE_CHECKING:
    from random import Random

_SETTINGS: Final = frozenset((*contexts_code.TEMPLATES, *contexts_config.TEMPLATES))
_SIGILS: Final = "$%{#<"
# what may stand in a slot that holds no secret: references have braces and dollars where values have none
_LOOSE: Final = {
    "str": re.compile(r"[^\"'`\\\n]+"),
    "word": re.compile(r"[^\"'`\\\s]+"),
    "bare": re.compile(r"\S+"),
    "url": re.compile(r"[^\s\"'<>@/;&]+"),
    "xml": re.compile(r"[^<>&\"'\s]+"),
    "any": re.compile(r"\S+"),
}
# What stands in place of a value: placeholders, masks, words
_PLACEHOLDERS: Final = (
    "changeme;change-me;CHANGE_ME;your_password_here;your-api-key;YOUR_API_KEY;yourpassword;<password>;<your-token>;"
    "[password];{{password}};xxxxxxxx;XXXXXXXXXXXXXXXX;xxxx-xxxx-xxxx;********;••••••••;****;...;<redacted>;[REDACTED];"
    "***REMOVED***;TODO;FIXME;TBD;none;null;None;undefined;true;false;example;EXAMPLE_KEY;dummy;placeholder;"
    "insert_token_here;my-secret-key;replace_me;REPLACE_WITH_YOUR_KEY;not-a-real-key;"
    "<YOUR_SECRET>;sk-...;ghp_xxxxxxxxxxxx;AKIAXXXXXXXXXXXXXXXX;"
    "password;secret;required;optional;string;hidden;enter password;0000000000;%s;{0};"
    "$1;@@TOKEN@@;__PASSWORD__;api_key;token_here;filtered;[FILTERED];SECRET_VALUE_HERE;your-256-bit-secret;TEST_TOKEN_PLACEHOLDER"
).split(";")
# References to where a value is kept
_REFERENCES: Final = (
    "${DB_PASSWORD};$DB_PASSWORD;${env.API_KEY};${{ secrets.DEPLOY_TOKEN }};{{ .Values.auth.password }};"
    "{{ vault_db_password }};%(db_password)s;%DB_PASSWORD%;$(DB_PASSWORD);"
    "$(cat /run/secrets/db);vault:secret/data/app#password;"
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db;!Ref DbPassword;ssm:/app/prod/password;env:API_TOKEN;"
    "file:///run/secrets/token;/run/secrets/db_password;op://vault/item/password;projects/p/secrets/s/versions/latest;"
    "{{resolve:secretsmanager:app:SecretString:password}};@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x);"
    "data.vault_generic_secret.db.data;var.db_password;local.token;module.db.password;ref+awsssm://app/db;"
    "#{ENV['DB_PASSWORD']};<%= ENV['SECRET'] %>;${file(secret.txt)};~/.ssh/id_rsa;secrets.yaml;config/master.key"
).split(";")
# Code where the value is no literal
_CODE: Final = r"""
=== python/getenv | snake | any | any
¶ = os.environ["APP_TOKEN"]
=== python/get | snake | any | any
¶ = config.get("auth", "token")
=== python/getpass | snake | any | any
¶ = getpass.getpass("Enter it: ")
=== python/call | snake | any | any
¶ = generate_random_string(32)
=== python/type | snake | any | any
def login(user: str, ¶: str | None = None) -> bool:
    return check(user, ¶=¶)
=== python/attribute | snake | any | any
self.¶ = ¶
client = Client(¶=settings.¶)
=== python/field | snake | any | any
¶ = models.CharField(max_length=128)
=== python/validator | snake | any | any
¶: SecretStr = Field(..., min_length=8)
=== python/comparison | snake | any | any
if ¶ == confirmation and len(¶) > 8:
    raise ValueError("¶ must not be empty")
=== python/label | snake | any | any
fields = {"¶": _("Enter your new value here"), "help": "ok"}
=== python/token-kinds | snake | any | any
TOKEN_KINDS = {"token": "identifier", "punctuation_token": "semicolon", "keyword_token": "function"}
=== python/html-attribute | snake | any | any
widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "form-control"})
=== javascript/process | camel | any | any
const ¶ = process.env.APP_TOKEN;
=== javascript/input | camel | any | any
const ¶ = document.getElementById('login-field').value;
=== javascript/schema | camel | any | any
¶: { type: String, required: true, minlength: 8, select: false },
=== javascript/messages | camel | any | any
errors: { ¶: 'Must contain at least one number', other: 'Required field' },
=== javascript/i18n | camel | any | any
"¶": "Please enter your value", "forgot": "Forgot your password?", "reset": "Reset password"
=== javascript/state | camel | any | any
const [¶, setValue] = useState('');
=== javascript/route | camel | any | any
{ path: 'reset-password/:token', component: ResetPasswordComponent, name: '¶' },
=== typescript/interface | camel | any | any
interface Auth { ¶: string; user?: string }
=== typescript/union | camel | any | any
type Kind = "¶" | "refresh_token" | "client_credentials";
=== java/getter | camel | any | any
public String get() { return this.¶; }
=== java/constant-name | upper | any | any
public static final String ¶ = "spring.datasource.password";
=== java/bean | camel | any | any
@NotBlank(message = "{validation.password.required}") private String ¶;
=== go/env | camel | any | any
¶ := os.Getenv("APP_TOKEN")
=== go/struct-tag | pascal | any | any
	¶ string `json:"password,omitempty" validate:"required"`
=== go/flag | camel | any | any
flag.StringVar(&¶, "p", "", "the value used for authentication")
=== rust/env | snake | any | any
let ¶ = std::env::var("APP_TOKEN").expect("APP_TOKEN is not set");
=== rust/field | snake | any | any
pub struct Login { pub ¶: Option<String> }
=== c/getenv | snake | any | any
char *¶ = getenv("APP_TOKEN");
=== c/enum | upper | any | any
enum { ¶ = 0x1f, TOKEN_EOF = -1, TOKEN_STRING = 258 };
=== csharp/config | pascal | any | any
options.¶ = Configuration["Auth:Token"];
=== php/post | snake | any | any
$¶ = $_POST['value'] ?? '';
=== php/translation | snake | any | any
'¶' => 'The :attribute must be at least 8 characters.',
=== ruby/credentials | snake | any | any
¶ = Rails.application.credentials.dig(:aws, :value)
=== ruby/params | snake | any | any
params.require(:user).permit(:email, :¶, :password_confirmation)
=== shell/read | upper | any | any
read -s -p "Enter it: " ¶
=== shell/command | upper | any | any
¶=$(vault kv get -field=value secret/app)
=== shell/default | upper | any | any
: "${¶:?must be set}"
=== sql/column | snake | any | any
CREATE TABLE users (id INT, ¶ VARCHAR(255) NOT NULL, created TIMESTAMP);
=== sql/parameter | snake | any | any
UPDATE users SET ¶ = $1 WHERE id = $2;
=== html/input | kebab | any | any
<input type="password" name="¶" placeholder="Your new password" autocomplete="current-password">
=== html/label | kebab | any | any
<label for="¶">Password confirmation</label>
=== css/selector | kebab | any | any
.¶ { color: #a1b2c3; background: url("data:image/png;base64,⟨b64:40⟩"); }
=== yaml/schema | snake | any | any
properties:
  ¶:
    type: string
    format: password
    description: The value used to log in.
=== yaml/secret-ref | snake | any | any
          valueFrom:
            secretKeyRef:
              name: app-credentials
              key: ¶
=== yaml/bool | snake | any | any
require_¶: true
¶_length: 32
¶_expiry: 3600
=== terraform/output | snake | any | any
output "¶" {
  value     = aws_db_instance.main.password
  sensitive = true
}
=== terraform/random | snake | any | any
¶ = random_password.db.result
=== markdown/sentence | title | any | any
The ¶ must be at least 12 characters long and is stored encrypted.
=== english/question | spaced | any | any
How do I reset the ¶ for my account? I forgot it yesterday.
=== english/advice | spaced | any | any
Never share your ¶ with anybody: rotate it every ninety days.
=== english/is-required | spaced | any | any
The ¶ is required, and it is validated by the server.
=== korean/sentence | spaced | any | any
비밀번호는 8자 이상이어야 하며 특수문자를 포함해야 합니다.
=== korean/label | spaced | any | any
비밀번호: 필수 입력 항목입니다
=== german/sentence | spaced | any | any
Passwort: mindestens zwölf Zeichen. Das Passwort wird verschlüsselt gespeichert.
=== french/sentence | spaced | any | any
Mot de passe : obligatoire. Le mot de passe est incorrect.
=== spanish/sentence | spaced | any | any
Contraseña: campo obligatorio. La contraseña es demasiado corta.
=== portuguese/sentence | spaced | any | any
Senha: campo obrigatório. A senha deve conter números.
=== japanese/sentence | spaced | any | any
パスワード：8文字以上で入力してください。
=== chinese/sentence | spaced | any | any
密码：不能为空，长度至少为八位。
=== russian/sentence | spaced | any | any
Пароль: обязательное поле. Пароль должен содержать цифры.
=== log/masked | snake | any | any
⟨date⟩ ⟨time⟩ INFO login user=⟨user⟩ ¶=[FILTERED] result=ok
=== log/failure | spaced | any | any
⟨date⟩ ⟨time⟩ ERROR invalid ¶ for user ⟨user⟩: authentication failed
=== lexer/tokens | snake | any | any
Token(kind="string", value="hello", ¶=True), Token.Name.Function, Token.Literal.String
"""


def _contexts() -> tuple[Template, ...]:
    modules = (contexts_code, contexts_config, contexts_log, contexts_prose, urls)
    return tuple(template for module in modules for template in module.TEMPLATES)


def _stripped(case: Case, context: str) -> Case:
    return Case(case.text, (), context, case.half, "clean")


def _substituted(rng: Random, kind: str, values: tuple[str, ...], rounds: int) -> list[Case]:
    """Put something that is no secret where the positive documents have one."""
    cases = []
    for template in _contexts():
        fitting = [value for value in values if _fits(template, value, kind)]
        for _ in range(rounds if fitting else 0):
            names = PASSWORD_NAMES if template.role == "pw" else TOKEN_NAMES + PASSWORD_NAMES
            value = Value(rng.choice(fitting), "", "")
            case = render(rng, template, value, rng.choice(names), "clean")
            cases.append(_stripped(case, f"{kind} in {template.id}"))
    return cases


def _fits(template: Template, value: str, kind: str) -> bool:
    """Tell whether this is written there: paths and URIs of secrets only where settings are."""
    if kind == "reference" and template not in _SETTINGS and value[0] not in _SIGILS:
        return False
    return _LOOSE[template.fit].fullmatch(value) is not None


def _coded(rng: Random) -> list[Case]:
    cases = []
    for template in parse(_CODE):
        for names in (PASSWORD_NAMES, TOKEN_NAMES, TOKEN_NAMES):
            case = render(rng, template, Value("", "", ""), rng.choice(names), "clean")
            cases.append(_stripped(case, f"no literal: {template.id}"))
    return cases


def _look_alikes(rng: Random, rounds: int) -> list[Case]:
    cases = []
    for name, template in LOOK_ALIKES:
        for _ in range(rounds):
            text = fill(rng, template)
            cases.append(Case(text, (), f"look-alike: {name}", half_of(name), "clean"))
    return cases


def negative_cases(rng: Random) -> list[Case]:
    """Build every kind of hard negative."""
    return [
        *_substituted(rng, "placeholder", tuple(_PLACEHOLDERS), 2),
        *_substituted(rng, "reference", tuple(_REFERENCES), 2),
        *_coded(rng),
        *_look_alikes(rng, 6),
    ]
