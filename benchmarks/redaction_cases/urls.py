"""Credentials in URLs and connection strings."""

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_SOURCE: Final = r"""
=== url/postgres | snake | url | pw
DATABASE_URL=postgresql://⟨user⟩:§@⟨host⟩:5432/⟨word⟩
=== url/postgres-sqlalchemy | snake | url | pw
engine = create_engine("postgresql+psycopg2://⟨user⟩:§@⟨host⟩/⟨word⟩")
=== url/mysql | snake | url | pw
url: mysql://⟨user⟩:§@⟨host⟩:3306/⟨word⟩?charset=utf8
=== url/mongodb | snake | url | pw
mongoose.connect('mongodb+srv://⟨user⟩:§@cluster0.⟨low:5⟩.mongodb.net/⟨word⟩?retryWrites=true');
=== url/redis-no-user | snake | url | pw
REDIS_URL=redis://:§@⟨host⟩:6379/0
=== url/amqp | snake | url | pw
broker = "amqp://⟨user⟩:§@⟨host⟩:5672//"
=== url/https-git | snake | url | any
git clone https://⟨user⟩:§@git.⟨domain⟩/team/⟨word⟩.git
=== url/https-token-user | snake | url | tok
git remote set-url origin https://oauth2:§@git.⟨domain⟩/⟨word⟩.git
=== url/ftp | snake | url | pw
wget ftp://⟨user⟩:§@ftp.⟨domain⟩/pub/file.zip
=== url/proxy | snake | url | pw
export https_proxy=http://⟨user⟩:§@proxy.⟨domain⟩:8080
=== url/pip-index | snake | url | any
pip install --index-url https://⟨user⟩:§@pypi.⟨domain⟩/simple ⟨word⟩
=== url/smtp | snake | url | pw
MAILER_DSN=smtp://⟨user⟩:§@smtp.⟨domain⟩:587
=== url/json | snake | url | pw
{"uri": "mongodb://⟨user⟩:§@⟨host⟩:27017/admin"}
=== url/xml | snake | url | pw
<uri>amqp://⟨user⟩:§@⟨host⟩</uri>
=== url/prose | snake | url | pw
The feed is at https://⟨user⟩:§@feeds.⟨domain⟩/daily and needs no VPN.
=== url/jdbc-params | snake | url | pw
jdbc:postgresql://⟨host⟩:5432/⟨word⟩?user=⟨user⟩&password=§
=== url/jdbc-oracle | snake | url | pw
jdbc:oracle:thin:⟨user⟩/§@⟨host⟩:1521:XE
=== url/jdbc-sqlserver | snake | url | pw
jdbc:sqlserver://⟨host⟩:1433;databaseName=⟨word⟩;user=⟨user⟩;password=§;encrypt=true
=== url/rtsp | snake | url | pw
ffmpeg -i rtsp://⟨user⟩:§@⟨host⟩:554/stream1 out.mp4
=== url/query-token | snake | url | tok
https://api.⟨domain⟩/feed?access_token=§&format=json
=== url/query-sig | snake | url | tok
curl 'https://⟨domain⟩/hook?id=⟨dig:4⟩&secret=§'
=== url/ado-pwd | snake | url | pw
Driver={ODBC Driver 17};Server=⟨host⟩;Uid=⟨user⟩;Pwd=§;
=== url/azure-servicebus | snake | word | tok
Endpoint=sb://⟨word⟩.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=§
=== url/azure-storage | snake | word | tok
DefaultEndpointsProtocol=https;AccountName=⟨word⟩;AccountKey=§;EndpointSuffix=core.windows.net
=== url/sqlplus | snake | url | pw
sqlplus ⟨user⟩/§@⟨host⟩/XE
=== url/ldap | snake | url | pw
ldapsearch -x -D "cn=⟨user⟩,dc=⟨word⟩" -w § -b "dc=⟨word⟩"
=== url/mqtt | snake | url | pw
mosquitto_pub -h ⟨host⟩ -u ⟨user⟩ -P § -t a -m b
=== url/psql-kv | snake | url | pw
psql "host=⟨host⟩ user=⟨user⟩ password=§ dbname=⟨word⟩"
=== url/celery-sqs | snake | url | tok
CELERY_BROKER_URL = "sqs://AK:§@sqs.eu-west-1"
=== url/log | snake | url | pw
⟨date⟩ ERROR cannot connect to postgres://⟨user⟩:§@⟨host⟩/⟨word⟩: timeout
"""

TEMPLATES: Final = parse(_SOURCE)
