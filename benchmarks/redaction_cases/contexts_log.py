"""Contexts of logs, shell sessions and HTTP traffic in which a secret shows."""

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_SOURCE: Final = r"""
=== shell/export | upper | bare | any
$ export ¶=§
$ ./run.sh
=== shell/export-quoted | upper | str | any
export ¶="§"
=== shell/inline-env | upper | bare | any
¶=§ python manage.py migrate
=== shell/flag | kebab | bare | any
deploy --region eu --¶ § --verbose
=== shell/flag-equals | kebab | bare | any
$ tool login --¶=§
=== shell/curl-u | snake | bare | pw
curl -u ⟨user⟩:§ https://⟨host⟩/api/status
=== shell/curl-user | snake | str | pw
curl -s --user '⟨user⟩:§' -X POST https://⟨domain⟩/v2/jobs
=== shell/curl-bearer | snake | word | tok
curl -H "Authorization: Bearer §" https://api.⟨domain⟩/v1/me
=== shell/curl-header | train | word | tok
curl -H 'X-¶: §' https://api.⟨domain⟩/v1/me
=== shell/curl-query | snake | url | tok
curl "https://api.⟨domain⟩/v1/items?limit=5&¶=§"
=== shell/curl-data | snake | str | any
curl -X POST -d '{"user": "⟨user⟩", "¶": "§"}' https://⟨domain⟩/login
=== shell/curl-form | snake | url | any
curl -d "grant_type=client_credentials&client_id=⟨word⟩&¶=§" https://id.⟨domain⟩/token
=== shell/mysql-p | snake | bare | pw
mysql -h ⟨host⟩ -u ⟨user⟩ -p§ ⟨word⟩
=== shell/mysql-password | snake | bare | pw
mysqldump --user=⟨user⟩ --password=§ --all-databases > all.sql
=== shell/pgpassword | snake | bare | pw
PGPASSWORD=§ psql -h ⟨host⟩ -U ⟨user⟩ ⟨word⟩
=== shell/sshpass | snake | bare | pw
sshpass -p '§' ssh ⟨user⟩@⟨host⟩
=== shell/redis-cli | snake | bare | pw
redis-cli -h ⟨host⟩ -a § ping
=== shell/docker-login | snake | bare | any
docker login -u ⟨user⟩ -p § registry.⟨domain⟩
=== shell/echo-stdin | snake | bare | any
echo "§" | docker login --username ⟨user⟩ --password-stdin
=== shell/echo-chpasswd | snake | bare | pw
echo '⟨user⟩:§' | chpasswd
=== shell/kubectl-literal | kebab | bare | any
kubectl create secret generic ⟨word⟩ --from-literal=¶=§
=== shell/helm-set | camel | bare | any
helm upgrade ⟨word⟩ ./chart --set auth.¶=§
=== shell/aws-configure | snake | bare | any
aws configure set ¶ §
=== shell/openssl-pass | snake | bare | pw
openssl enc -aes-256-cbc -in a.tar -out a.enc -pass pass:§
=== shell/wget | snake | bare | pw
wget --http-user=⟨user⟩ --http-password=§ https://⟨domain⟩/f.zip
=== shell/docker-run-e | upper | bare | any
docker run -d -e ¶=§ -p 5432:5432 postgres:16
=== shell/gh-secret | upper | bare | any
gh secret set ¶ --body "§"
=== shell/smbclient | snake | bare | pw
smbclient //⟨host⟩/share -U ⟨user⟩%§
=== shell/net-user | snake | bare | pw
C:\> net user ⟨user⟩ § /add
=== shell/setx | upper | bare | any
setx ¶ "§"
=== shell/history | upper | bare | any
  501  cd /srv/⟨word⟩
  502  ¶=§ make deploy
  503  git status
=== log/keyvalue | snake | bare | any
⟨date⟩ ⟨time⟩ INFO  auth.service - login ok user=⟨user⟩ ¶=§ ip=10.0.0.7
=== log/json | snake | str | any
{"ts":"⟨date⟩T⟨time⟩Z","lvl":"debug","msg":"request","¶":"§"}
=== log/python-repr | snake | str | any
DEBUG:app:config loaded: {'host': '⟨host⟩', '¶': '§'}
=== log/colon | title | bare | any
[⟨date⟩ ⟨time⟩] WARN Using default ¶: §
=== log/java-tostring | camel | bare | any
⟨time⟩ DEBUG c.a.Client - Options{host=⟨host⟩, ¶=§, retries=3}
=== log/query | snake | url | tok
10.1.2.3 - - [12/Mar/2024:10:11:12 +0000] "GET /v1/data?¶=§&page=2 HTTP/1.1" 200 512
=== log/failed-auth | snake | word | pw
auth failed for user '⟨user⟩' with password '§'
=== log/trace | snake | str | any
  File "app.py", line 12, in main
    connect(¶="§")
ConnectionError: refused
=== log/ruby-params | snake | str | any
Parameters: {"utf8"=>"x", "user"=>"⟨user⟩", "¶"=>"§"}
=== log/ci-step | upper | bare | any
Step 4/9 : ENV ¶=§
 ---> Running in ⟨hex:12⟩
=== http/bearer | snake | word | tok
GET /v1/me HTTP/1.1
Host: api.⟨domain⟩
Authorization: Bearer §
Accept: */*
=== http/token | snake | word | tok
> authorization: token §
=== http/apikey | train | word | tok
POST /v1/chat HTTP/1.1
X-Api-Key: §
Content-Type: application/json
=== http/custom-header | train | word | tok
< X-¶: §
=== http/cookie | snake | url | tok
Cookie: theme=dark; ¶=§; lang=en
=== http/form-body | snake | url | any
POST /login HTTP/1.1
Content-Type: application/x-www-form-urlencoded

username=⟨user⟩&¶=§
=== diff/added | snake | bare | any
@@ -3,3 +3,4 @@
 host: ⟨host⟩
+¶: §
-timeout: 3
=== diff/removed | upper | str | any
--- a/settings.py
+++ b/settings.py
-¶ = "§"
+¶ = os.environ["¶"]
"""

TEMPLATES: Final = parse(_SOURCE)
