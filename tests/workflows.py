"""GitHub's runner for tests: it does a workflow's jobs on this machine, from the YAML itself.

Every `run:` step is run unchanged, by its shell and with its variables. What a
`uses:` step does is done in its stead: a copy of the tracked files for a checkout, a folder for the
cache. An action that is not known here ends the test.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from tests.conftest import ROOT
from tests.expressions import evaluate, interpolate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

WORKFLOWS = ROOT / ".github" / "workflows"
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")

Json = dict[str, Any]


def load(name: str) -> Json:
    """Return a workflow."""
    text = (WORKFLOWS / name).read_text(encoding="utf-8")
    workflow: Json = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - all values as text
    return workflow


@dataclass
class Job:
    """The result of a job, the outcome of each step by name, and the output."""

    result: str = "success"
    outcomes: dict[str, str] = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        """The names of the steps that failed."""
        return [name for name, outcome in self.outcomes.items() if outcome == "failure"]


@dataclass
class Runner:
    """A place where jobs run: the Python, the cache and the artifacts of a repository.

    Attributes:
        folder: Where everything goes.
        secrets: The repository's secrets.
        variables: The repository's variables.
        environment: What every step finds in its environment.
        skipped: Names of `run:` steps that are passed over as successful.
        left: A folder with what these steps would have left; every job begins with a copy.
        pretended: Commands in whose stead another one says how it was called, and succeeds.
    """

    folder: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    left: Path | None = None
    pretended: Sequence[str] = ()
    number: int = 0

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def workspace(self) -> Path:
        """The checkout of the last job."""
        return self.folder / "work" / str(self.number)

    def artifact(self, name: str) -> Path:
        return self.folder / "artifacts" / name

    def run(
        self, workflow: str, event: Json | None = None, *, system: str = "Linux", **contexts: Json
    ) -> dict[str, Job]:
        """Run all jobs of a workflow in their order; return the result of each."""
        document = load(workflow)
        jobs: dict[str, Job] = {}
        for name, definition in document["jobs"].items():
            needed = definition.get("needs", [])
            needs = {
                each: {"result": jobs[each].result, "outputs": jobs[each].outputs}
                for each in ([needed] if isinstance(needed, str) else needed)
            }
            run = _JobRun(self, document, definition, system)
            run.contexts |= {
                "github": {
                    "event": event or {},
                    "run_id": 1000 + self.number,
                    "run_attempt": 1,
                    "token": "ghs_token-of-the-job",
                },
                "needs": needs,
                "inputs": {},
                **contexts,
            }
            jobs[name] = run.all()
        return jobs

    def make_python(self) -> Path:
        """Return the folder of a Python that has what the tests' Python has, but not refsync.

        What a step installs goes there, so that the tests' own environment stays as it is. If that
        step is passed over, what it would have installed is there already.
        """
        place = self.folder / "python"
        if not place.exists():
            venv.EnvBuilder(with_pip=False, symlinks=True).create(place)
            version = f"python{sys.version_info.major}.{sys.version_info.minor}"
            lines = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
            if "Install refsync" in self.skipped:
                lines.add(str(ROOT / "export"))
            packages = place / "lib" / version / "site-packages"
            (packages / "tests.pth").write_text("\n".join(lines), encoding="utf-8")
        return place / "bin"

    def make_pretences(self) -> Path:
        """Return the folder of the commands that only say how they were called."""
        folder = self.folder / "pretended"
        folder.mkdir(exist_ok=True)
        for name in self.pretended:
            (folder / name).write_text(f'#!/bin/sh\necho "{name} $*"\n', encoding="utf-8")
            (folder / name).chmod(0o755)
        return folder


class _JobRun:
    def __init__(self, runner: Runner, workflow: Json, definition: Json, system: str) -> None:
        self.runner, self.workflow, self.definition = runner, workflow, definition
        self.job = Job()
        self.kept_at_the_end: list[tuple[Path, Path]] = []
        self.path = [sysconfig.get_path("scripts"), "/usr/local/bin", "/usr/bin", "/bin"]
        self.contexts: Json = {
            "secrets": dict(runner.secrets),
            "vars": dict(runner.variables),
            "steps": {},
            "env": {},
            "job": {"status": "success"},
            "runner": {"os": system},
            "matrix": {},
        }

    def all(self) -> Job:
        results = {need["result"] for need in self.contexts["needs"].values()}
        self.needed = "success" if results <= {"success"} else "failure"
        if not self.condition(self.definition.get("if"), self.needed):
            self.job.result = "skipped"
            return self.job
        self.runner.number += 1
        self.runner.workspace.mkdir(parents=True)
        if self.runner.left:
            shutil.copytree(self.runner.left, self.runner.workspace, dirs_exist_ok=True)
        for step in self.definition["steps"]:
            self.one(step)
        for here, kept in self.kept_at_the_end:
            if self.job.result == "success" and here.exists():
                shutil.copy(here, kept)
        self.job.outputs = {
            name: self.filled(value) for name, value in self.definition.get("outputs", {}).items()
        }
        return self.job

    def one(self, step: Json) -> None:
        name = step["name"]
        if not self.condition(step.get("if"), self.job.result):
            outcome = "skipped"
        elif name in self.runner.skipped:
            outcome = "success"
        else:
            self.job.log += f"--- {name}\n"
            succeeded = self.command(step) if "run" in step else self.action(step)
            outcome = "success" if succeeded else "failure"
        if outcome == "failure":
            self.job.result = self.contexts["job"]["status"] = "failure"
        self.job.outcomes[name] = outcome
        if "id" in step:
            self.contexts["steps"].setdefault(step["id"], {})["outcome"] = outcome

    def condition(self, text: str | None, status: str) -> bool:
        text = (text or "success()").removeprefix("${{").removesuffix("}}")
        if not any(f"{name}()" in text for name in ("always", "failure", "success", "cancelled")):
            text = f"success() && ({text})"
        self.status = status
        return bool(evaluate(text, self.contexts, self.functions))

    @property
    def functions(self) -> Json:
        return {
            "always": lambda: True,
            "success": lambda: self.status == "success",
            "failure": lambda: self.status == "failure",
            "hashFiles": lambda *patterns: hashlib.sha256(
                b"".join(
                    path.read_bytes()
                    for pattern in patterns
                    for path in sorted(self.runner.workspace.glob(pattern.replace("**", "**/*")))
                    if path.is_file()
                )
            ).hexdigest(),
        }

    def filled(self, text: str) -> str:
        return interpolate(text, self.contexts, self.functions)

    def command(self, step: Json) -> bool:
        """Run a step's commands; return whether they succeeded."""
        assert "shell" not in step
        assert self.workflow["defaults"]["run"] == {"shell": "bash"}
        files = {name: self.runner.folder / name for name in ("output", "summary")}
        for path in files.values():
            path.write_text("")
        environment = {
            "HOME": str(self.runner.folder),
            "LANG": "C.UTF-8",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "somebody/refsync",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            **self.runner.environment,
            "PATH": os.pathsep.join([str(self.runner.make_pretences()), *self.path]),
        }
        for place in (self.workflow, self.definition, step):
            environment |= {key: self.filled(value) for key, value in place.get("env", {}).items()}
        script = self.runner.folder / "script.sh"
        script.write_text(self.filled(step["run"]), encoding="utf-8")
        done = subprocess.run(
            [*SHELL, script],
            cwd=self.runner.workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        self.job.log += done.stdout
        self.job.summary += files["summary"].read_text(encoding="utf-8")
        lines = files["output"].read_text(encoding="utf-8").splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        if "id" in step:
            self.contexts["steps"].setdefault(step["id"], {})["outputs"] = outputs
        return done.returncode == 0

    def action(self, step: Json) -> bool:
        """Do what an action does; return whether it succeeded, which these do."""
        inputs = {key: self.filled(value) for key, value in step.get("with", {}).items()}
        workspace = self.runner.workspace
        match step["uses"].partition("@")[0]:
            case "actions/checkout":
                copy_tracked_files(workspace)
            case "actions/setup-python":
                self.path.insert(0, str(self.runner.make_python()))
            case "actions/cache" | "actions/cache/restore" | "actions/cache/save" as action:
                self.cache(action, inputs)
            case "actions/upload-artifact":
                folder = self.runner.artifact(inputs["name"])
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                for path in inputs["path"].split():
                    if (workspace / path).exists():
                        shutil.copy(workspace / path, folder)
            case other:
                raise AssertionError(f"No test knows what {other} does.")
        return True

    def cache(self, action: str, inputs: Json) -> None:
        """Fetch a file from the cache, keep one there, or fetch it and else keep it at the end."""
        here, kept = self.runner.workspace / inputs["path"], self.runner.cache / inputs["key"]
        self.runner.cache.mkdir(exist_ok=True)
        if action == "actions/cache/save":
            shutil.copy(here, kept)
            return
        for prefix in (inputs["key"], *inputs.get("restore-keys", "").split()):
            found = sorted(self.runner.cache.glob(f"{prefix}*"), key=os.path.getmtime)
            if found:
                here.parent.mkdir(exist_ok=True)
                shutil.copy(found[-1], here)
                return
        if action == "actions/cache":
            self.kept_at_the_end.append((here, kept))


def copy_tracked_files(folder: Path) -> None:
    """Fill a folder with the files of the working tree that git keeps, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
