"""The table of commands: what `sluicegate` starts and docs/flags.md lists."""

from pipeline.flags.command import Command
from pipeline.flags.comparison import COMPARE, EVALUATE
from pipeline.flags.run import RUN

COMMANDS: tuple[Command, ...] = (RUN, COMPARE, EVALUATE)
