"""What dbt's plugin says of the variables that name the tracker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from refsync_tracker.environment import hint_of_env_file, refuse_secret
from refsync_tracker.schema import InputError
from tests.conftest import Dbt

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "Zq9xKw7Lm3VbT5"  # noqa: S105


@pytest.mark.parametrize(
    "value",
    [
        f"postgresql://me:{PASSWORD}@db/tracker",
        f"postgresql://me:{PASSWORD}/tracker",
        f"postgresql：//me：{PASSWORD}＠db/tracker",
        f"postgresql%3A//me:{PASSWORD}%40db/tracker",
        f"s3://key:{PASSWORD}@bucket/exports",
        f"host=db password={PASSWORD}",
        f'{{"private_key": "{PASSWORD}"}}',
        f"-----BEGIN PRIVATE KEY-----\n{PASSWORD}",
    ],
)
def test_a_folder_that_is_a_secret_is_not_shown(value: str) -> None:
    with pytest.raises(InputError, match="REFSYNC_RAW_DIR is a key or the URL") as raised:
        refuse_secret("REFSYNC_RAW_DIR", value)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(
    "value",
    ["", "exports", "/a b/exports [1]", "s3://bucket/prefix", "C:\\x\\", "s3a://b/c", "~/a@b"],
)
def test_a_folder_is_taken(value: str) -> None:
    refuse_secret("REFSYNC_RAW_DIR", value)


def test_a_run_with_one_shows_it_nowhere(tmp_path: Path) -> None:
    dbt = Dbt(tmp_path, raw_dir=f"postgresql://me:{PASSWORD}@db/tracker")
    run = dbt("run")
    assert not run.success
    assert "REFSYNC_RAW_DIR is a key or the URL of a database" in run.output
    assert PASSWORD not in run.output


@pytest.mark.parametrize(
    ("line", "is_named"),
    [
        ("REFSYNC_RAW_DIR=exports", True),
        ("export REFSYNC_RAW_DIR = 'exports'", True),
        ("REFSYNC_RAW_DIR=", False),
        ("# REFSYNC_RAW_DIR=exports", False),
        ("OTHER=1", False),
    ],
)
def test_a_variable_that_is_only_in_the_env_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, *, is_named: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    assert hint_of_env_file("REFSYNC_RAW_DIR") == ""
    (tmp_path / ".env").write_text(f"A=1\n{line}{os.linesep}", encoding="utf-8")
    assert ("which refsync-push reads and dbt does not" in hint_of_env_file("REFSYNC_RAW_DIR")) is (
        is_named
    )
