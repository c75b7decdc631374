"""Beam's pool of SDK workers on one loopback address: `python -m cluster.pool 127.0.0.2 50000`.

Beam's own main listens on every interface. Nor can one pool serve two task managers: they number
their workers alike, and each would stop the other's.
"""

import os
import signal
import sys
import threading
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance


class Pool(BeamFnExternalWorkerPoolServicer):
    """Beam's pool, which here also ends what it started."""

    def __init__(self) -> None:
        """Start workers as processes, and send their outputs at the end of a bundle."""
        super().__init__(use_process=True, data_buffer_time_limit_ms=-1)
        self._started: list[str] = []

    def StartWorker(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Start a worker for a task manager."""
        self._started.append(request.worker_id)
        return super().StartWorker(request, context)

    def end(self) -> None:
        """Stop every worker that is still there."""
        for worker in self._started:
            self.StopWorker(beam_fn_api_pb2.StopWorkerRequest(worker_id=worker), None)


def main(address: str, port: str) -> None:
    """Serve until SIGTERM, in a process group of its own with the workers."""
    os.setpgrp()
    pool, server = Pool(), grpc.server(shared_unbounded_instance())
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    server.add_insecure_port(f"{address}:{port}")
    server.start()
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    ended.wait()
    pool.end()
    server.stop(None)


if __name__ == "__main__":
    main(*sys.argv[1:])
