"""What is wrong with an export is said in the same words on both engines.

On Spark the macros say it, and elsewhere the plugin, since neither can call the other there.
"""

from __future__ import annotations

import ast
import re

from tests.conftest import ROOT

OF_SPARK_ALONE = ("REFSYNC_RAW_DIR is not set", "REFSYNC_EMAIL_KEY does not work on Spark")


def plugin_texts() -> list[str]:
    """Return the texts in each module of the plugin, one to a line."""
    files = (ROOT / "dbt_project" / "plugins" / "refsync_tracker").glob("*.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    return [
        "\n".join(str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant))
        for tree in trees
    ]


def spark_sentences() -> list[list[str]]:
    """Return the texts of each error in the macros for Spark, without the types of files."""
    found = []
    for path in (ROOT / "dbt_project" / "macros" / "spark").glob("*.sql"):
        code = path.read_text(encoding="utf-8")
        for call in re.findall(r"raise_compiler_error\((.*?)\n *\) }}", code, re.DOTALL):
            texts = re.findall(r"'([^']*)'|\"([^\"]*)\"", re.sub(r"['\"]\s*~ ['\"]", "", call))
            whole = "{".join("".join(pair) for pair in texts)
            found.append(re.split(r"\{|\.csv, \.parquet or \.jsonl", whole))
    return found


def test_both_engines_say_the_same_of_an_export() -> None:
    plugin = plugin_texts()
    checked = 0
    for pieces in spark_sentences():
        words = [piece.strip() for piece in pieces if len(piece.strip()) > 3]
        if words[0].startswith(OF_SPARK_ALONE):
            continue
        assert any(all(word in text for word in words) for text in plugin), words
        checked += 1
    assert checked == 7
