"""A Spark cluster for the tests that need one; `make spark-test` says where Spark is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, parsed
from tests.spark import cluster as spark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.spark.cluster import Cluster

OLDEST_JAVA = 17


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that runs as long as the tests do, and that dbt's target `spark` finds."""
    home = os.environ.get("REFSYNC_SPARK_HOME")
    version = spark.java_version()
    if version < OLDEST_JAVA:
        found = f"Java {version}" if version else "no Java"
        reason = f"Spark is left out: it needs Java {OLDEST_JAVA}, and here is {found}"
        pytest.fail(reason) if home else pytest.skip(reason)
    if not home:
        pytest.skip("Spark is left out here: `make spark-test` tests it")
    with (
        spark.running(Path(home), tmp_path_factory.mktemp("spark")) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def schema(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """A schema of its own, whose name dbt takes from the environment as it parses."""
    name: str = request.node.name
    parsed.pop((ROOT, "spark"), None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REFSYNC_SPARK_SCHEMA", name)
        yield name
    cluster.query(f"drop schema if exists {name} cascade")
    cluster.query(f"drop schema if exists {name}_tracker cascade")
    parsed.pop((ROOT, "spark"), None)
