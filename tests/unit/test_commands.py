"""Credentials on command lines are found, in shells and in lists of arguments; look-alikes stay."""

from __future__ import annotations

from functools import cache

import pytest

from filters.redact.database import Scanner, build
from filters.redact.examples import fill
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from filters.redact.secrets.commands import command_rules, commands_in

RULES = command_rules()


@cache
def scanner() -> Scanner:
    return build(RULES)


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in merged(find(scanner(), text), text)]


@pytest.mark.parametrize(
    "command",
    [
        "curl -u bob:%s https://h", "curl -s -X POST --user bob:%s https://h", "curl --proxy-user bob:%s h",
        "http -a bob:%s GET h", "wget --user=u --password=%s h", "lftp -u bob,%s sftp://h", "mysql -h h -ubob -p%s db",
        "mysql --user=u --password=%s", "mysqladmin -u root password %s", "PGPASSWORD=%s psql -h h", "mongo -u u -p %s",
        "redis-cli -h h -a %s ping", "sqlplus app/%s@db", "sshpass -p %s ssh h", "ldapsearch -x -w %s -b dc=x",
        "smbclient //h/s -U bob%%%s", "docker login -u u -p %s r", "echo %s | docker login -u u --password-stdin",
        "az login --service-principal -u x -p %s", "openssl rsa -passin pass:%s", "gpg --batch --passphrase %s -d f",
        "7z x -p%s a.7z", "unzip -P %s a.zip", "rabbitmqctl add_user bob %s", "java -Dx.keyStorePassword=%s -jar x",
        "docker run -e POSTGRES_PASSWORD=%s -d x", "secretsdump.py CORP/bob:%s@10.0.0.5",
    ],
)  # fmt: skip
def test_a_password_goes_in_every_shell(command: str) -> None:
    secret = fill("{an:13}7")
    for text in (
        command,
        f"$ {command}",
        f"  1023  {command}",
        f"RUN {command} && x",
        f"`{command}`",
    ):
        assert found(text % secret) == [secret], text


def test_an_option_is_sought_over_joined_lines_but_not_over_commands() -> None:
    secret = fill("{an:12}")
    assert found(f"curl -s \\\n  -u bob:{secret} \\\n  h") == [secret]
    assert found(f"curl h\n-u bob:{secret}") == []
    assert found(f"curl h; x -u bob:{secret}") == []
    assert found(f'["curl", "-u", "bob:{secret}"]') == [secret]
    assert found(f"'curl -u \\'bob:{secret}\\' h'") == [secret]
    assert commands_in("docker run ") == ()


@pytest.mark.parametrize(
    "line",
    [
        "mkdir -p some/dir1", "gcc -pthread -Wall -pedantic2", "docker run -p 127.0.0.1:8080:80 x", "ssh -p 2222 h",
        "docker run -u 1000:1000 x", "mysql -u root -p database1", "mysql -P 3307 -u app2 db", "tar -xpzf file1.tgz",
        "--token $TOKEN", "--password <password>", "--secret id=npmrc,src=.npmrc2", "--password-file /run/x1",
        "--token-file=/run/secrets/t1", "--key /etc/ssl/k1.pem", "curl -u $USER:$PASS h", "curl -u user:password h",
        "curl -u bob h", "sshpass -p $PASS ssh h", "CREATE USER 'u' IDENTIFIED BY 'password';",
        "sqlplus scott/tiger@orcl",
        "some identified as 'advanced1' users", "set /p:x=1", "--secret-key my-key-1", "--password 'two words here1'",
    ],
)  # fmt: skip
def test_look_alikes_stay(line: str) -> None:
    assert found(line) == []


@pytest.mark.parametrize(
    "unit",
    [
        "-p a1b2c3 ",
        "-u a:bc1de ",
        "TOKEN=",
        "docker token=",
        "-a-b",
        "echo a1b2c3 ",
    ],
)
def test_a_long_hostile_line_stays_bounded(unit: str) -> None:
    # the time limit is an assertion too
    assert find(scanner(), unit * (300_000 // len(unit))) == []
