"""One Flink cluster for all its tests, their documents, and what one process makes of those."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.flink import FlinkCluster, missing
from cluster.running import MAX_IN_FLIGHT, Calm, Job
from support import KEY, mixed_faults
from torture.place import write_documents

from emulators.gemini import Behaviour, GeminiEndpoint


@pytest.fixture(scope="session")
def flink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    """Run a job manager, two task managers with a pool each, and Beam's job server."""
    if lacking := missing():
        pytest.skip(lacking)
    with FlinkCluster(tmp_path_factory.mktemp("flink"), KEY) as running:
        yield running


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write 2,000 documents, 80 of them broken, each with content of its own."""
    folder = tmp_path_factory.mktemp("documents")
    write_documents(folder, 2000)
    return folder


@pytest.fixture
def faulty() -> Iterator[GeminiEndpoint]:
    """Run an endpoint at which a tenth of the documents meet a fault."""
    with GeminiEndpoint(Behaviour(latency=0.2), reader="canned") as running:
        running.set_behaviour(faults=mixed_faults())
        yield running


@pytest.fixture(scope="session")
def calm(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """Run the job in one process, at an endpoint with the same faults."""
    with GeminiEndpoint(Behaviour(latency=0.2), reader="canned") as endpoint:
        endpoint.set_behaviour(faults=mixed_faults())
        job = Job(tmp_path_factory.mktemp("calm"), documents, endpoint.url)
        landed = job.finish("calm", f"--max_in_flight={MAX_IN_FLIGHT}")
        return Calm(landed, endpoint.stats(documents=True))
