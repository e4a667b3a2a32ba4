"""A real Spark cluster on loopback: a master, two workers and a thrift server, a process each."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

WORKERS = 2

START_SECONDS = 120
"""How long a part of the cluster may take to start, on a machine that does much else."""

SETTINGS: Mapping[str, str] = {
    "spark.sql.shuffle.partitions": "2",
    # Every stage is spread over both workers, however little there is to read.
    "spark.sql.files.openCostInBytes": "65536",
    "spark.sql.files.minPartitionNum": "2",
    "spark.executor.cores": "1",
    "spark.executor.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.sql.catalogImplementation": "hive",
    "spark.hadoop.hive.metastore.schema.verification": "false",
    "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
    "spark.eventLog.enabled": "true",
    "spark.eventLog.rolling.enabled": "false",
    "spark.eventLog.compress": "false",
    "spark.scheduler.minRegisteredResourcesRatio": "1.0",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "60s",
    # For minutes of work on a few rows, careful compiling and adaptive planning do not pay.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    # A cluster's clock need not be in UTC; the profile's session is.
    "spark.sql.session.timeZone": "Asia/Kathmandu",
}


def java_home_or_path() -> str | None:
    """Return the `java` that Spark would run, if there is one."""
    home = os.environ.get("JAVA_HOME")
    if home:
        java = Path(home, "bin", "java")
        return str(java) if java.exists() else None
    return shutil.which("java")


def java_version() -> int:
    """Return the major version of that Java; 0 if there is none."""
    java = java_home_or_path()
    if java is None:
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


@dataclass
class Cluster:
    """A running cluster.

    Attributes:
        home: Spark itself, the folder of pip's package.
        folder: Where its logs, its warehouse and its metastore are.
        port: The thrift server's port on 127.0.0.1.
        workers: The workers' processes; their executors are processes of their own.
    """

    home: Path
    folder: Path
    port: int = 0
    master_port: int = 0
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which dbt finds the cluster."""
        return {
            "REFSYNC_SPARK_HOST": "127.0.0.1",
            "REFSYNC_SPARK_PORT": str(self.port),
            "REFSYNC_SPARK_USER": "refsync",
        }

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one worker and wait until the master knows it."""
        number = len(self.workers)
        worker = self._start(
            f"worker-{number}",
            *("spark-class", "org.apache.spark.deploy.worker.Worker"),
            *("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"),
            *("--cores", "1", "--memory", "1536m"),
            *("--work-dir", str(self.folder / f"work-{number}")),
            f"spark://127.0.0.1:{self.master_port}",
        )
        self.workers.append(worker)
        self._wait_for(f"worker-{number}", "Successfully registered with master", worker)
        return worker

    def kill_worker(self) -> None:
        """End a worker and its executors at once, as a machine that loses its power does."""
        worker = self.workers.pop(0)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def query(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run SQL in a session in UTC; return the last one's rows, dates as dates."""
        from pyhive import hive  # noqa: PLC0415 - only these tests need it

        session = {"set:hiveconf:spark.sql.session.timeZone": "UTC"}
        with closing(
            hive.connect("127.0.0.1", self.port, username="refsync", configuration=session)
        ) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            is_date = [column[1] == "DATE_TYPE" for column in cursor.description]
            return [
                tuple(
                    date.fromisoformat(value) if dated and value else value
                    for value, dated in zip(row, is_date, strict=True)
                )
                for row in cursor.fetchall()
            ]

    def tasks(self) -> Counter[str]:
        """Return how many tasks each executor has finished, by the cluster's own event log."""
        done: Counter[str] = Counter()
        for event in self._events():
            if (
                event["Event"] == "SparkListenerTaskEnd"
                and event["Task End Reason"]["Reason"] == "Success"
            ):
                done[event["Task Info"]["Executor ID"]] += 1
        return done

    def lost_executors(self) -> set[str]:
        """Return the executors that went while the cluster ran."""
        return {
            event["Executor ID"]
            for event in self._events()
            if event["Event"] == "SparkListenerExecutorRemoved"
        }

    def _events(self) -> Iterator[dict[str, Any]]:
        for log in (self.folder / "events").iterdir():
            for line in log.read_text(encoding="utf-8").splitlines():
                try:
                    event: dict[str, Any] = json.loads(line)
                except ValueError:  # the last line, while it is written
                    continue
                yield event

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        script, *arguments = command
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("SPARK_")
        }
        environment |= {
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "1g" if script == "spark-submit" else "256m",
            "SPARK_NO_DAEMONIZE": "1",
            "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [self.home / "bin" / script, *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group, to be ended with all that it starts
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - no other thread starts processes
            )

    def _wait_for(self, name: str, words: str, process: subprocess.Popen[bytes]) -> None:
        log = self.folder / f"{name}.log"
        self._wait(name, lambda: words in log.read_text(errors="replace"), process)

    def _wait(self, name: str, is_up: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_SECONDS
        while not is_up():
            if process.poll() is not None or time.monotonic() > end:
                log = (self.folder / f"{name}.log").read_text(errors="replace")
                raise RuntimeError(f"Spark's {name} did not start:\n{log[-4000:]}")
            time.sleep(0.1)


@contextmanager
def running(home: Path, folder: Path) -> Iterator[Cluster]:
    """Run a cluster, and stop all of it in any case."""
    for name in ("events", "warehouse", "conf"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    cluster = Cluster(home, folder, _free_port(), _free_port())
    with ExitStack() as stack:
        master = cluster._start(
            "master",
            *("spark-class", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"),
            *("--port", str(cluster.master_port), "--webui-port", "0"),
        )
        stack.callback(_end, master)
        cluster._wait_for("master", "New state: ALIVE", master)
        for _ in range(WORKERS):
            stack.callback(_end, cluster.start_worker())
        settings = {
            **SETTINGS,
            "spark.eventLog.dir": (folder / "events").as_uri(),
            "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={folder / 'metastore'};create=true"
            ),
            "spark.driver.host": "127.0.0.1",
        }
        server = cluster._start(
            "thrift-server",
            *("spark-submit", "--master", f"spark://127.0.0.1:{cluster.master_port}"),
            *("--name", "refsync-test"),
            *(option for pair in settings.items() for option in ("--conf", "=".join(pair))),
            *("--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"),
            *("spark-internal", "--hiveconf", f"hive.server2.thrift.port={cluster.port}"),
            *("--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1"),
        )
        stack.callback(_end, server)
        cluster._wait_for("thrift-server", "HiveThriftServer2 started", server)
        cluster._wait("thrift-server", lambda: _answers(cluster.port), server)
        yield cluster


def _end_with_parent() -> None:
    """Have the process about to start end if this one is killed, which can end nothing then."""
    if sys.platform == "linux":
        told_when_the_parent_dies = 1  # prctl(2), PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(told_when_the_parent_dies, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, softly first, so that the event log is whole."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, wanted)
        except ProcessLookupError:
            return
        end = time.monotonic() + 10
        while time.monotonic() < end:
            process.poll()
            try:
                os.killpg(process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        connected = caller.connect_ex(("127.0.0.1", port)) == 0
        # Where nobody listens, a caller may by chance be given the very port that it calls.
        return connected and caller.getsockname() != caller.getpeername()
