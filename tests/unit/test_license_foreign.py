"""Grants in other languages than English are read like English ones."""

from __future__ import annotations

import pytest

from filters.licenses.notices.find import find_notices


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        (
            (
                "Dieses Programm ist freie Software: Sie können es gemäß der GNU General Public License, "
                "Version 3 der Lizenz oder (nach Ihrer Wahl) jeder neueren veröffentlichten Version, weitergeben."
            ),
            "GPL-3.0-or-later",
        ),
        (
            (
                "Ce programme est un logiciel libre : vous pouvez le redistribuer selon la Licence "
                "Publique Générale GNU, soit la version 2 de la licence, soit (à votre gré) toute version ultérieure."
            ),
            "GPL-2.0-or-later",
        ),
        (
            (
                "Este programa es software libre: puede redistribuirlo según la Licencia Pública General "
                "de GNU, la versión 3 o cualquier versión posterior."
            ),
            "GPL-3.0-or-later",
        ),
        (
            "secondo i termini della Licenza Pubblica Generale GNU, versione 3, o una versione successiva.",
            "GPL-3.0-or-later",
        ),
        ("nos termos da Licença Pública Geral Menor GNU versão 2.1.", "LGPL-2.1-only"),
        (
            "на условиях Стандартной общественной лицензии GNU версии 3 или более поздней версии.",
            "GPL-3.0-or-later",
        ),
        (
            "本程序是自由软件:您可以在 GNU 通用公共许可证第三版或任何更新版本的条款下重新分发它。",
            "GPL-3.0-or-later",
        ),
        (
            "このプログラムはフリーソフトウェアです。GNU 一般公衆利用許諾書バージョン3か、それ以降。",
            "GPL-3.0-or-later",
        ),
        (
            "GNU 일반 공중 사용 허가서 버전 3 또는 그 이후 버전에 따라 재배포할 수 있습니다.",
            "GPL-3.0-or-later",
        ),
        ("Dieses Projekt steht unter der MIT-Lizenz.", "MIT"),
        ("Distribué sous licence Apache 2.0.", "Apache-2.0"),
        ("本项目使用 GPL-3.0 协议开源。", "GPL-3.0-only"),
        (
            "Licence Creative Commons Attribution - Pas d'Utilisation Commerciale 4.0 International.",
            "CC-BY-NC-4.0",
        ),
        (
            "Creative Commons Namensnennung - Weitergabe unter gleichen Bedingungen 3.0 Lizenz.",
            "CC-BY-SA-3.0",
        ),
        ("知识共享署名-非商业性使用 4.0 国际许可协议", "CC-BY-NC-4.0"),
    ],
)
def test_grants_in_other_languages(text: str, expression: str) -> None:
    assert [each.expression for each in find_notices(f"/* {text} */\n")] == [expression]


def test_a_refusal_is_no_grant() -> None:
    assert find_notices("Dieses Programm steht nicht unter der GNU General Public License.") == ()
