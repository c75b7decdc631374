"""The pipeline's command in a process of its own, on the local cloud of another process."""

import os
import sys

from emulators.cloud import LOCAL_KEY
from emulators.patches import local_clients
from emulators.process import die_with_parent
from pipeline.command import main as command

READ_API = "TORTURE_BIGQUERY_READ"


def main() -> int:
    """Run the command with the arguments given and return its exit code."""
    die_with_parent()
    with local_clients(
        project=os.environ["GOOGLE_CLOUD_PROJECT"],
        token=LOCAL_KEY,
        bigquery_url=os.environ["BIGQUERY_EMULATOR_HOST"],
        bigquery_read=os.environ[READ_API],
    ):
        return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
