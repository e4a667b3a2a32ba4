"""How a push ends: streams that fail, signals; and the file `.env`.

With REFSYNC_TEST_THOROUGH more streams fail.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pytest

import refsync
from refsync.errors import ConfigError
from refsync.settings import read_env_file
from tests.conftest import THOROUGH
from tests.projects import Project, run_refsync, start_refsync

posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals of POSIX")


@pytest.fixture
def cafe(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.add("orders", "select * from range(9) t(id)", type="raw")
    project.mark("complete")
    return project


def shell(project: Project, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script of bash in which `push` is the command."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(refsync.__file__).parents[1]),
        "REFSYNC_TO": "a.xlsx",
    }
    push = f"push() {{ '{sys.executable}' -m refsync \"$@\"; }}; "
    return subprocess.run(
        ["bash", "-c", push + script],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


STREAMS = (
    *("push | true", "push >&- 2>&- <&-", "push -v 2>&-"),
    *("push --json > /dev/full 2>&1", "push -v 2> /dev/full"),
)
MORE_STREAMS = ("push --json | head -c 1 >&2", "push >&-", "push 2>&-", "push > /dev/full")


@posix
@pytest.mark.parametrize("script", [*STREAMS, *(MORE_STREAMS if THOROUGH else ())])
def test_a_stream_that_fails_is_not_a_push_that_fails(cafe: Project, script: str) -> None:
    if "/dev/full" in script and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = shell(cafe, f"{script}; echo ${{PIPESTATUS[0]}} > code")
    assert (cafe.folder / "code").read_text() == "0\n"
    assert (cafe.folder / "a.xlsx").exists()
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
    assert "Exception ignored" not in done.stderr


def run_python(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script that imports refsync in a folder."""
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(refsync.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_streams_may_be_missing_as_under_pythonw(cafe: Project) -> None:
    script = (
        "import sys; sys.stdout = sys.stderr = None; "
        "sys.argv = ['refsync-push', '--to', 'a.xlsx']; from refsync.cli import main; main()"
    )
    done = run_python(cafe.folder, script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (cafe.folder / "a.xlsx").exists()


@posix
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_leaves_nothing_behind(cafe: Project, number: int, code: int) -> None:
    """While the workbook is written: its temporary file is there, and many rows are to come."""
    cafe.add("orders", "select i as id, i::varchar as name from range(60000) t(i)", type="raw")
    cafe.mark("complete")
    (cafe.folder / "a.xlsx").write_bytes(b"old")
    # Under nohup a process inherits that a hang-up is ignored, and refsync-push leaves it so.
    inherited = signal.signal(number, signal.SIG_DFL)
    process = start_refsync(cafe.folder, "--to", "a.xlsx", "--adopt", "--verbose")
    signal.signal(number, inherited)
    assert process.stderr is not None
    while "Writing" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == code
    assert stderr == (
        f"Error: Stopped by {signal.Signals(number).name}: the destination is as it was, or has "
        "the whole push. Run refsync-push again.\n"
    )
    assert (cafe.folder / "a.xlsx").read_bytes() == b"old"
    assert list(cafe.folder.glob(".refsync-*")) == []


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_a_query_is_told_as_such(cafe: Project, number: int) -> None:
    cafe.execute(
        "drop table orders",
        "create view orders as select count(*) as id from range(4000000) a, range(90000) b",
    )
    process = start_refsync(cafe.folder, "--to", "a.xlsx", "--verbose")
    assert process.stderr is not None
    assert process.stderr.readline() == "Reading orders.\n"
    time.sleep(0.2)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert stderr.startswith("Error: Stopped by SIG")


# .env ------------------------------------------------------------------------------------------


@posix
def test_an_env_file_may_be_a_pipe(cafe: Project) -> None:
    done = shell(cafe, "unset REFSYNC_TO; mkfifo .env; echo REFSYNC_TO=b.xlsx > .env & push")
    assert (done.returncode, done.stderr) == (0, "")
    assert (cafe.folder / "b.xlsx").exists()


def test_values_of_an_env_file_in_many_spellings(cafe: Project) -> None:
    (cafe.folder / ".env").write_text(
        "# a comment\r\n\r\nexport REFSYNC_TO='b.xlsx'\r\n"
        'GOOGLE_SERVICE_ACCOUNT_JSON=\'{\n  "type": "service_account",\n'
        '  "private_key": "a\\nb"\n}\'\n'
        'REFSYNC_SELECT="orders"  # another\n  DBT_TARGET = none\n',
        encoding="utf-8",
    )
    script = (
        "from refsync.settings import read_env_file; import os, json; read_env_file(); "
        "print(os.environ['REFSYNC_TO'], os.environ['REFSYNC_SELECT'], os.environ['DBT_TARGET'], "
        "json.loads(os.environ['GOOGLE_SERVICE_ACCOUNT_JSON'])['private_key'].split())"
    )
    done = run_python(cafe.folder, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "b.xlsx orders none ['a', 'b']\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"A=1\n\nREFSYNC_TO b.xlsx p4ssw0rd\n", ".env, line 3, is not NAME=value"),
        (b"A=1\nGOOGLE_SERVICE_ACCOUNT_JSON={\n  \"p4ssw0rd\": 1\n}\n", ".env, line 3, is not"),
        (b"A=1\nB='p4ssw0rd\nC=2\n", ".env, line 2, is not NAME=value"),
        (b"p4ssw0rd\n", ".env, line 1, is not NAME=value"),
        ("REFSYNC_TO=p4ssw0rd.xlsx\r\n".encode("utf-16"), "as UTF-8 text: it is UTF-16"),
        ("REFSYNC_TO=p4ssw0rd.xlsx\r\n".encode("utf-16-le"), "it is UTF-16"),
        (b"A=1\nREFSYNC_TO=caf\xe9p4ssw0rd.xlsx\n", "as UTF-8 text: line 2 is in another encoding"),
    ],
)  # fmt: skip
def test_an_env_file_that_cannot_be_read_is_named_by_its_line_and_not_quoted(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / ".env").write_bytes(content)
    # What comes before the line would be in this process's environment.
    with patch.dict(os.environ), pytest.raises(ConfigError) as refused:
        read_env_file(tmp_path / ".env")
    sentence = str(refused.value)
    assert said in sentence
    assert "\n" not in sentence
    assert "p4ssw0rd" not in sentence


def test_the_command_says_so_and_pushes_nothing(cafe: Project) -> None:
    (cafe.folder / ".env").write_text("A=1\nREFSYNC_TO b.xlsx p4ssw0rd\n", encoding="utf-8")
    code, stdout, stderr = run_refsync(cafe.folder)
    assert (code, stdout) == (2, "")
    assert "line 2, is not NAME=value" in stderr
    assert stderr.count("\n") == 1
    assert "p4ssw0rd" not in stderr


def test_a_folder_named_env_is_an_error_unless_it_is_a_virtual_environment(cafe: Project) -> None:
    (cafe.folder / ".env").mkdir()
    code, _, stderr = run_refsync(cafe.folder, "--to", "a.xlsx")
    assert (code, stderr) == (
        2,
        "Error: .env is a folder: rename it, or put a file with variables there.\n",
    )
    (cafe.folder / ".env" / "pyvenv.cfg").touch()
    assert run_refsync(cafe.folder, "--to", "a.xlsx")[0] == 0
