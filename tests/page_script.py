"""Run the scripts of the opt-out page under node, where there is one."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from pipeline.optout_page.layout import script_text

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no node")


def run_script(body: str, *values: Any) -> Any:
    """Run the page's own names.js and lookup.js under node, without a page around them."""
    inner = script_text("names.js", "lookup.js").removeprefix('(() => {\n"use strict";\n')
    script = inner.removesuffix("})();\n") + (
        "\nconst given = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "\nconst tried = (f) => { try { return f(); }"
        " catch (e) { if (!(e instanceof NameError)) throw e; return null; } };"
        f"\nprocess.stdout.write(JSON.stringify({body}));"
    )
    # ASCII, so that half of a surrogate pair gets across
    done = subprocess.run(
        [NODE or "node", "-e", script],
        input=json.dumps(values).encode(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)
