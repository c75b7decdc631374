"""A real Flink cluster on this machine: a job manager, task managers, Beam's job server, pools.

The jars come from Maven Central through `mvn`, once, into `.venv/flink-<digest of pom.xml>`.
Everything listens on 127.0.0.1 and ends with the block that started it.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import yaml

from emulators.loopback import HOST, Loopback, StandInError, free_port
from emulators.process import ServerProcess

ROOT = Path(__file__).parents[2]
_POM = Path(__file__).with_name("pom.xml")
_READY_SECONDS = 120.0
# Every task manager finds a pool of its own under this name, as it would on a host of its own.
_POOL = "sdk-workers"
# What Flink's own start script gives Java 17.
_OPENS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in (
        "java.lang",
        "java.net",
        "java.io",
        "java.nio",
        "java.lang.reflect",
        "java.text",
        "java.time",
        "java.util",
        "java.util.concurrent",
        "java.util.concurrent.atomic",
        "java.util.concurrent.locks",
        "sun.nio.ch",
    )
]
_MEMORY = {
    "task.heap.size": "512m",
    "task.off-heap.size": "64m",
    "network.min": "512m",
    "network.max": "512m",
    "managed.size": "128m",
    "framework.heap.size": "64m",
    "framework.off-heap.size": "64m",
    "jvm-metaspace.size": "160m",
    "jvm-overhead.min": "64m",
    "jvm-overhead.max": "64m",
}


def _pool_address(index: int) -> str:
    return f"127.0.0.{2 + index}"


def missing() -> str | None:
    """Say what this machine lacks for a cluster, or None."""
    lacking = [name for name in ("java", "mvn") if not shutil.which(name)]
    return f"a Flink cluster needs {' and '.join(lacking)} (Java 11 or 17)" if lacking else None


def jars() -> Path:
    """Return the folder with the cluster's jars; Maven fetches them the first time."""
    digest = hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]
    folder = Path(sys.prefix) / f"flink-{digest}"
    if not folder.exists():
        unfinished = folder.with_suffix(f".{os.getpid()}")
        command = ["mvn", "-B", "-q", "-f", str(_POM), "dependency:copy-dependencies"]
        command += ["-DincludeScope=runtime", f"-DoutputDirectory={unfinished}"]
        subprocess.run(command, check=True)
        unfinished.rename(folder)
    return folder


class FlinkCluster:
    """A job manager, task managers of two slots with a pool of SDK workers each, the job server.

    Tasks are spread evenly, so a job of parallelism 2 uses two task managers; if one is lost,
    the other has the slots to go on.
    """

    def __init__(self, folder: Path, key: str, task_managers: int = 2) -> None:
        """Have the workers beside task manager N call with the API key `<key>.<N>`."""
        self.folder, self._key = folder, key
        self._count = task_managers
        self.rest, self.job, self.artifacts, self.pool_port = (free_port() for _ in range(4))
        self.task_managers: list[ServerProcess] = []
        self.pools: list[ServerProcess] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def flags(self) -> list[str]:
        """Return the flags that send a job here."""
        return [
            "--runner=PortableRunner",
            f"--job_endpoint={HOST}:{self.job}",
            f"--artifact_endpoint={HOST}:{self.artifacts}",
            "--environment_type=EXTERNAL",
            f"--environment_config={_POOL}:{self.pool_port}",
            f"--parallelism={self._count}",
            # Python workers live on from stage to stage; without it each stage starts new ones.
            "--environment_cache_millis=30000",
        ]

    def get(self, path: str) -> Any:
        """Return what the job manager's REST interface says."""
        with Loopback(self.rest) as connection:
            return connection.get_json(path)

    def lose(self, index: int) -> None:
        """End a task manager, its pool and its SDK workers on the spot, as a lost host would."""
        # A pool and its workers are one process group.
        os.killpg(self.pools[index].pid, signal.SIGKILL)
        os.kill(self.task_managers[index].pid, signal.SIGKILL)

    def replace(self, index: int) -> None:
        """Start a task manager and a pool in the place of lost ones."""
        for lost in (self.task_managers[index], self.pools[index]):
            lost.stop()
        self.pools[index] = self._pool(index)
        self.task_managers[index] = self._task_manager(index)
        self._wait_for(self._count)

    def mishaps(self) -> list[str]:
        """Return why tasks of the last job were begun again, one class name each."""
        found = self.get(f"/jobs/{self._last_job()}/exceptions")
        return [str(entry["exceptionName"]) for entry in found["exceptionHistory"]["entries"]]

    def work_of_tasks(self) -> dict[str, dict[str, int]]:
        """Return, for each step of the last job, the records read on each task manager."""
        last = self._last_job()
        work: dict[str, dict[str, int]] = {}
        for vertex in self.get(f"/jobs/{last}")["vertices"]:
            found = self.get(f"/jobs/{last}/vertices/{vertex['id']}/taskmanagers")
            work[vertex["name"]] = {
                each["host"] if "taskmanager-id" not in each else each["taskmanager-id"]: int(
                    each["metrics"]["read-records"]
                )
                for each in found["taskmanagers"]
            }
        return work

    def _last_job(self) -> str:
        jobs = self.get("/jobs/overview")["jobs"]
        return str(max(jobs, key=lambda job: job["start-time"])["jid"])

    def _start(self) -> None:
        self._conf().mkdir()
        (self._conf() / "config.yaml").write_text(yaml.safe_dump(self._configuration()))
        manager = self._java(
            "job-manager",
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            "--configDir",
            str(self._conf()),
            port=self.rest,
        )
        manager.wait_until_ready("/overview", seconds=_READY_SECONDS)
        for index in range(self._count):
            self.pools.append(self._pool(index))
            self.task_managers.append(self._task_manager(index))
        self._java(
            "job-server",
            "org.apache.beam.runners.flink.FlinkJobServerDriver",
            f"--flink-master={HOST}:{self.rest}",
            f"--job-host={HOST}",
            f"--job-port={self.job}",
            f"--artifact-port={self.artifacts}",
            f"--expansion-port={free_port()}",
            f"--artifacts-dir={self.folder / 'artifacts'}",
            port=self.job,
        )
        self._wait_for(self._count)

    def _wait_for(self, count: int) -> None:
        """Wait until so many task managers have reported."""
        end = time.monotonic() + _READY_SECONDS
        while self.get("/overview")["taskmanagers"] != count:
            if time.monotonic() > end:
                raise StandInError(f"{count} task managers did not report; logs: {self.folder}")
            time.sleep(0.2)

    def _conf(self) -> Path:
        return self.folder / "conf"

    def _task_manager(self, index: int) -> ServerProcess:
        hosts = self.folder / f"hosts-{index}"
        names = {_POOL: _pool_address(index), "localhost": HOST, socket.gethostname(): HOST}
        hosts.write_text("".join(f"{address} {name}\n" for name, address in names.items()))
        return self._java(
            f"task-manager-{index}",
            f"-Djdk.net.hosts.file={hosts}",
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            "--configDir",
            str(self._conf()),
            port=0,
        )

    def _pool(self, index: int) -> ServerProcess:
        """Start the pool from which a task manager gets its Python workers."""
        command = [sys.executable, "-m", "cluster.pool", _pool_address(index)]
        command += [str(self.pool_port)]
        paths = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
        environment = {
            "GEMINI_API_KEY": f"{self._key}.{index}",
            # The pool starts its workers as `python`, wherever that is found first.
            "PATH": os.pathsep.join(paths),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        }
        return self._server(f"worker-pool-{index}", command, self.pool_port, environment)

    def _java(self, name: str, *arguments: str, port: int) -> ServerProcess:
        java = shutil.which("java")
        assert java
        command = [java, "-Xmx1g", *_OPENS, "-cp", f"{jars()}/*", *arguments]
        return self._server(name, command, port, {})

    def _server(
        self, name: str, command: list[str], port: int, environment: dict[str, str]
    ) -> ServerProcess:
        log = self.folder / f"{name}.log"
        server = ServerProcess(name, command, port=port, log=log, environment=environment)
        self._stack.callback(server.stop)
        return server

    def _configuration(self) -> dict[str, Any]:
        return {
            "jobmanager": {
                "rpc.address": HOST,
                "rpc.port": free_port(),
                "bind-host": HOST,
                "memory.process.size": "1g",
            },
            "blob.server.port": free_port(),
            "rest": {"address": HOST, "bind-address": HOST, "port": self.rest},
            "taskmanager": {
                "bind-host": HOST,
                "host": HOST,
                "numberOfTaskSlots": 2,
                "cpu.cores": 2.0,
                "memory": _MEMORY,
            },
            "cluster": {"evenly-spread-out-slots": True},
            # A job brings the job server's jars once more; what it keeps from stage to stage
            # (--environment_cache_millis) it can keep in the cluster's own classes only.
            "classloader": {"resolve-order": "parent-first"},
            "io.tmp.dirs": str(self.folder),
            # A lost task manager is noticed in seconds, and its job begins again.
            "heartbeat": {"interval": 1000, "timeout": 8000},
            "restart-strategy": {
                "type": "fixed-delay",
                "fixed-delay": {"attempts": 3, "delay": "1 s"},
            },
        }
