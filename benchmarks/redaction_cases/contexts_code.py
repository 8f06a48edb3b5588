"""Contexts of source code: a secret under a name, in the languages that people write."""

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_SOURCE: Final = r"""
=== python/assign | upper | str | any
import os

DEBUG = False
¶ = "§"
ALLOWED_HOSTS = ["⟨host⟩"]
=== python/annotated | snake | str | any
class Settings(BaseSettings):
    host: str = "⟨host⟩"
    ¶: str = "§"
    retries: int = 3
=== python/kwarg | snake | str | any
conn = connect(host="⟨host⟩", user="⟨user⟩", ¶='§', timeout=30)
=== python/dict | snake | str | any
CONFIG = {
    'host': '⟨host⟩',
    '¶': '§',
    'port': 5432,
}
=== python/getenv-default | upper | str | any
value = os.environ.get("¶", "§")
=== python/setitem | upper | str | any
os.environ["¶"] = "§"
app.config['¶'] = '§'
=== python/fstring-bytes | snake | str | any
¶ = b"§"
digest = hmac.new(¶, body, "sha256").hexdigest()
=== python/compare | snake | str | pw
def login(user, ¶):
    if user == "⟨user⟩" and ¶ == "§":
        return True
=== python/self | snake | str | any
    def __init__(self, region):
        self.region = region
        self._¶ = "§"
=== python/argparse | kebab | str | any
parser.add_argument("--¶", default="§", help="used for the upload")
=== python/bearer | snake | word | tok
headers = {"Authorization": "Bearer §", "Accept": "application/json"}
=== python/header-key | train | word | tok
r = requests.get(url, headers={"X-¶": "§"}, timeout=5)
=== python/auth-tuple | snake | str | pw
r = requests.post(url, auth=("⟨user⟩", "§"))
=== python/concat-conn | snake | word | pw
dsn = "host=⟨host⟩ dbname=⟨word⟩ user=⟨user⟩ password=§ sslmode=require"
=== python/triple | snake | str | any
¶ = '''§'''
=== python/comment | snake | word | any
# old ¶: §  (rotate before release)
def rotate() -> None: ...
=== javascript/const | camel | str | any
const ¶ = '§';
module.exports = { ¶ };
=== javascript/let-upper | upper | str | any
export const ¶ = "§";
=== javascript/object | camel | str | any
const db = mysql.createPool({
  host: '⟨host⟩',
  user: '⟨user⟩',
  ¶: '§',
  database: '⟨word⟩',
});
=== javascript/env-or | upper | str | any
const secret = process.env.¶ || '§';
=== javascript/env-nullish | upper | str | any
const cfg = { key: process.env.¶ ?? "§" };
=== javascript/template | camel | str | any
const ¶ = `§`;
=== javascript/fetch-bearer | camel | word | tok
fetch('https://api.⟨domain⟩/v1/items', {headers: {Authorization: `Bearer §`}});
=== javascript/call | camel | word | tok
const client = new ⟨word⟩Client("§", { region: "eu" });
=== javascript/minified | camel | str | any
!function(e){var t={retries:3,¶:"§",url:"/v1"};e.exports=t}(module);
=== typescript/field | camel | str | any
export class Api {
  private readonly ¶: string = '§';
  constructor(private http: HttpClient) {}
}
=== typescript/environment | camel | str | any
export const environment = {
  production: true,
  ¶: '§',
};
=== typescript/as-const | upper | str | any
export const KEYS = { ¶: '§' } as const;
=== java/field | upper | str | any
public final class Keys {
    private static final String ¶ = "§";
}
=== java/setter | pascal | str | any
dataSource.set¶("§");
=== java/driver | camel | str | pw
Connection c = DriverManager.getConnection("jdbc:mysql://⟨host⟩:3306/app", "⟨user⟩", "§");
=== java/annotation | dotted | word | any
@Value("${¶:§}")
private String value;
=== java/put | dotted | str | any
props.put("¶", "§");
=== kotlin/val | camel | str | any
private const val TAG = "Api"
val ¶ = "§"
=== kotlin/named-arg | camel | str | any
val client = Client(host = "⟨host⟩", ¶ = "§")
=== scala/val | camel | str | any
object Config { val ¶: String = "§" }
=== go/short | camel | str | any
	¶ := "§"
	if err := run(ctx, ¶); err != nil {
=== go/const | pascal | str | any
const (
	Default¶ = "§"
	Timeout  = 30
)
=== go/struct | pascal | str | any
cfg := &Config{
	Host: "⟨host⟩",
	¶:  "§",
}
=== go/backtick | camel | str | any
var ¶ = `§`
=== go/header | train | word | tok
req.Header.Set("¶", "§")
=== go/setenv | upper | str | any
t.Setenv("¶", "§")
=== rust/const | upper | str | any
const ¶: &str = "§";
=== rust/let | snake | str | any
let ¶ = String::from("§");
=== rust/builder | snake | str | any
let c = Client::builder().¶("§").build()?;
=== rust/struct | snake | str | any
Config { host: "⟨host⟩".into(), ¶: "§".to_string() }
=== c/define | upper | str | any
#define WIFI_SSID "⟨word⟩"
#define ¶ "§"
=== c/char | snake | str | any
static const char *¶ = "§";
=== c/array | snake | str | any
const char ¶[] = "§";
=== cpp/string | camel | str | any
std::string ¶{"§"};
=== cpp/const | upper | str | any
constexpr auto k¶ = "§";
=== csharp/const | pascal | str | any
public const string ¶ = "§";
=== csharp/prop | pascal | str | any
public string ¶ { get; set; } = "§";
=== csharp/connection | pascal | word | pw
var cs = "Server=⟨host⟩;Database=⟨word⟩;User Id=⟨user⟩;Password=§;";
=== csharp/credential | pascal | str | pw
var cred = new NetworkCredential("⟨user⟩", "§");
=== php/define | upper | str | any
<?php
define('¶', '§');
=== php/array | snake | str | any
return [
    'driver' => 'mysql',
    '¶' => '§',
];
=== php/var | snake | str | any
$¶ = "§";
=== php/mysqli | snake | str | pw
$db = mysqli_connect("⟨host⟩", "⟨user⟩", "§", "⟨word⟩");
=== php/env | upper | str | any
'key' => env('¶', '§'),
=== ruby/const | upper | str | any
¶ = '§'.freeze
=== ruby/hash | snake | str | any
Stripe.configure(host: '⟨host⟩', ¶: "§")
=== ruby/rocket | snake | str | any
opts = { :host => "⟨host⟩", :¶ => "§" }
=== ruby/config | snake | str | any
Devise.setup do |config|
  config.¶ = '§'
end
=== ruby/env-fetch | upper | str | any
ENV.fetch('¶', '§')
=== swift/let | camel | str | any
let ¶ = "§"
=== swift/static | camel | str | any
struct Secrets { static let ¶: String = "§" }
=== objc/define | camel | str | any
NSString *const k¶ = @"§";
=== dart/const | camel | str | any
static const String ¶ = '§';
=== perl/my | snake | str | any
my $¶ = '§';
=== perl/hash | snake | str | any
my %cfg = ( host => '⟨host⟩', ¶ => '§' );
=== perl/dbi | snake | str | pw
my $dbh = DBI->connect("dbi:Pg:dbname=⟨word⟩", "⟨user⟩", "§");
=== lua/local | snake | str | any
local ¶ = "§"
=== lua/table | snake | str | any
return { host = "⟨host⟩", ¶ = "§", port = 6379 }
=== r/arrow | snake | str | any
¶ <- "§"
=== r/setenv | upper | str | any
Sys.setenv(¶ = "§")
=== r/dbconnect | snake | str | pw
con <- dbConnect(RPostgres::Postgres(), user = "⟨user⟩", password = "§")
=== julia/const | upper | str | any
const ¶ = "§"
=== haskell/binding | camel | str | any
¶ :: String
¶ = "§"
=== elixir/config | snake | str | any
config :app, App.Repo,
  username: "⟨user⟩",
  ¶: "§"
=== elixir/attribute | snake | str | any
  @¶ "§"
=== erlang/define | upper | str | any
-define(¶, "§").
=== clojure/map | kebab | str | any
{:host "⟨host⟩" :¶ "§"}
=== clojure/def | kebab | str | any
(def ¶ "§")
=== powershell/var | pascal | str | any
$¶ = '§'
=== powershell/secure | pascal | str | pw
$sec = ConvertTo-SecureString "§" -AsPlainText -Force
=== powershell/env | upper | str | any
$env:¶ = "§"
=== vb/dim | pascal | str | any
Dim ¶ As String = "§"
=== sql/user | snake | str | pw
CREATE USER ⟨user⟩ WITH ENCRYPTED PASSWORD '§';
=== sql/identified | snake | str | pw
ALTER USER '⟨user⟩'@'%' IDENTIFIED BY '§';
=== sql/insert | snake | str | any
INSERT INTO settings (name, value) VALUES ('¶', '§');
=== sql/login | snake | str | pw
CREATE LOGIN [⟨user⟩] WITH PASSWORD = N'§', CHECK_POLICY = OFF;
=== matlab/assign | camel | str | any
¶ = '§';
=== arduino/wifi | camel | str | pw
const char* ssid = "⟨word⟩";
const char* password = "§";
=== groovy/def | camel | str | any
def ¶ = "§"
=== gradle/ext | camel | str | any
ext.¶ = '§'
=== solidity/hardhat | snake | word | tok
networks: { main: { url: "https://rpc.⟨domain⟩", accounts: ["§"], ¶: "§" } },
=== graphql/variables | camel | str | any
mutation { login(email: "x", ¶: "§") { id } }
"""

TEMPLATES: Final = parse(_SOURCE)
