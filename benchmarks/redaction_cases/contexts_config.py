"""Contexts of configuration: a secret under a name, in the files that programs are set up with."""

from __future__ import annotations

from typing import Final

from redaction_cases.template import parse

_SOURCE: Final = r"""
=== dotenv/plain | upper | bare | any
APP_ENV=production
¶=§
LOG_LEVEL=info
=== dotenv/quoted | upper | str | any
APP_NAME="⟨word⟩"
¶="§"
=== dotenv/single | upper | str | any
¶='§'
=== dotenv/export | upper | bare | any
export ¶=§
=== dotenv/commented | upper | bare | any
# ¶=§
=== ini/plain | snake | bare | any
[database]
host = ⟨host⟩
¶ = §
port = 3306
=== ini/tight | snake | bare | any
[client]
user=⟨user⟩
¶=§
=== ini/colon | snake | bare | any
[remote]
username: ⟨user⟩
¶: §
=== properties/dotted | dotted | bare | any
server.port=8443
⟨word⟩.¶=§
=== properties/spring | kebab | bare | any
spring.datasource.username=⟨user⟩
spring.datasource.¶=§
=== yaml/plain | snake | bare | any
database:
  host: ⟨host⟩
  ¶: §
  pool: 5
=== yaml/double | camel | str | any
auth:
  user: ⟨user⟩
  ¶: "§"
=== yaml/single | kebab | str | any
- name: ⟨word⟩
  ¶: '§'
=== yaml/compose-list | upper | bare | any
services:
  db:
    image: postgres:16
    environment:
      - POSTGRES_USER=⟨user⟩
      - ¶=§
=== yaml/compose-map | upper | bare | any
services:
  app:
    environment:
      ¶: §
=== yaml/k8s-env | upper | str | any
        env:
          - name: LOG_LEVEL
            value: info
          - name: ¶
            value: "§"
=== yaml/k8s-stringdata | kebab | str | any
apiVersion: v1
kind: Secret
metadata:
  name: ⟨word⟩
stringData:
  ¶: "§"
=== yaml/helm | camel | bare | any
ingress:
  enabled: true
postgresql:
  auth:
    ¶: §
=== yaml/ansible | snake | str | any
- hosts: all
  vars:
    ¶: "§"
=== yaml/ansible-task | snake | bare | pw
- name: create user
  mysql_user: name=⟨user⟩ password=§ state=present
=== yaml/github-actions | upper | bare | any
jobs:
  build:
    runs-on: ubuntu-latest
    env:
      ¶: §
=== yaml/gitlab-ci | upper | str | any
variables:
  ¶: "§"
=== yaml/openapi-example | camel | bare | any
      example:
        ¶: §
=== yaml/flow | snake | word | any
db: {host: ⟨host⟩, ¶: "§", port: 5432}
=== yaml/block-scalar | snake | bare | tok
¶: >-
  §
=== json/plain | camel | str | any
{
  "host": "⟨host⟩",
  "¶": "§",
  "port": 5432
}
=== json/snake | snake | str | any
{"user": "⟨user⟩", "¶": "§"}
=== json/tight | snake | str | any
{"id":⟨dig:5⟩,"¶":"§","active":true}
=== json/nested | kebab | str | any
{"connections": {"main": {"¶": "§"}}}
=== json/escaped | snake | str | any
{"level":"info","body":"{\"user\":\"⟨user⟩\",\"¶\":\"§\"}"}
=== json/name-value | upper | str | any
{"environment": [{"name": "¶", "value": "§"}]}
=== json/appsettings | pascal | word | pw
{"ConnectionStrings": {"Default": "Server=⟨host⟩,1433;Database=⟨word⟩;User ID=⟨user⟩;Password=§;Encrypt=True"}}
=== json/notebook | upper | str | any
{"cells": [{"cell_type": "code", "source": ["import os\n", "¶ = \"§\"\n", "print(1)"]}]}
=== json/postman | snake | str | any
{"auth": {"type": "apikey", "apikey": [{"key": "value", "value": "§"}, {"key": "key", "value": "¶"}]}}
=== json/vscode | dotted | str | any
  "⟨word⟩.¶": "§",
=== toml/plain | snake | str | any
[database]
host = "⟨host⟩"
¶ = "§"
=== toml/single | kebab | str | any
[registry]
¶ = '§'
=== toml/inline | snake | str | any
server = { url = "https://⟨host⟩", ¶ = "§" }
=== toml/streamlit | upper | str | any
¶ = "§"
[connections.main]
dialect = "mysql"
=== xml/element | camel | xml | any
<settings>
  <server><id>⟨word⟩</id><username>⟨user⟩</username><¶>§</¶></server>
</settings>
=== xml/attribute | camel | xml | any
<connection host="⟨host⟩" user="⟨user⟩" ¶="§"/>
=== xml/add-key | pascal | xml | any
<appSettings>
  <add key="¶" value="§" />
</appSettings>
=== xml/android | snake | xml | any
<resources>
    <string name="¶">§</string>
</resources>
=== xml/spring-bean | camel | xml | any
<property name="¶" value="§"/>
=== xml/connection-string | pascal | xml | pw
<add name="Main" connectionString="Data Source=⟨host⟩;User ID=⟨user⟩;Password=§;" providerName="System.Data.SqlClient"/>
=== xml/plist | camel | xml | any
<dict>
  <key>¶</key>
  <string>§</string>
</dict>
=== xml/hadoop | dotted | xml | any
<property><name>⟨word⟩.¶</name><value>§</value></property>
=== xml/tomcat-user | camel | xml | pw
<tomcat-users><user username="⟨user⟩" password="§" roles="manager-gui"/></tomcat-users>
=== terraform/variable | snake | str | any
variable "¶" {
  type    = string
  default = "§"
}
=== terraform/provider | snake | str | any
provider "⟨word⟩" {
  region = "eu-west-1"
  ¶ = "§"
}
=== terraform/tfvars | snake | str | any
¶ = "§"
=== dockerfile/env | upper | bare | any
FROM python:3.12-slim
ENV ¶=§
RUN pip install .
=== dockerfile/env-space | upper | bare | any
ENV ¶ §
=== dockerfile/arg | upper | bare | any
ARG ¶=§
=== makefile/var | upper | bare | any
¶ := §
deploy:
	./deploy.sh
=== jenkins/environment | upper | str | any
pipeline { environment { ¶ = '§' } }
=== npmrc/auth | snake | bare | tok
registry=https://npm.⟨domain⟩/
//npm.⟨domain⟩/:_authToken=§
=== pypirc/password | snake | bare | any
[pypi]
username = __token__
password = §
=== netrc/login | snake | bare | pw
machine ⟨host⟩
login ⟨user⟩
password §
=== netrc/oneline | snake | bare | pw
machine git.⟨domain⟩ login ⟨user⟩ password §
=== pgpass/line | snake | bare | pw
⟨host⟩:5432:⟨word⟩:⟨user⟩:§
=== mycnf/client | snake | bare | pw
[mysqldump]
user=⟨user⟩
password="§"
=== redis-conf/requirepass | snake | bare | pw
port 6379
requirepass §
=== wpconfig/define | upper | str | any
define( 'DB_NAME', '⟨word⟩' );
define( '¶', '§' );
=== nginx/header | train | word | tok
proxy_set_header ¶ "§";
=== apache/setenv | upper | str | any
SetEnv ¶ "§"
=== systemd/environment | upper | bare | any
[Service]
Environment=¶=§
=== systemd/environment-quoted | upper | str | any
Environment="¶=§"
=== openvpn/wifi-psk | snake | str | pw
network={
    ssid="⟨word⟩"
    psk="§"
}
=== cisco/enable | snake | bare | pw
enable password 0 §
username ⟨user⟩ privilege 15 password 0 §
=== ldap/bindpw | snake | bare | pw
binddn cn=admin,dc=⟨word⟩,dc=local
bindpw §
=== smtp/sasl | snake | bare | pw
[smtp.⟨domain⟩]:587 ⟨user⟩:§
=== hocon/plain | camel | str | any
akka.⟨word⟩ { ¶ = "§" }
=== nix/attr | camel | str | any
services.⟨word⟩.¶ = "§";
=== csv/header | snake | bare | any
name,¶,role
⟨user⟩,§,admin
=== markdown/table | title | bare | any
| Setting | Value |
|---|---|
| ¶ | `§` |
=== sqldump/values | snake | str | pw
INSERT INTO `users` (`id`,`login`,`password`) VALUES (1,'⟨user⟩','§'),(2,'guest',NULL);
"""

TEMPLATES: Final = parse(_SOURCE)
