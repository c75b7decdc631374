"""The table of commands: what `sluicegate` starts and docs/flags.md lists."""

from pipeline.flags.command import Command
from pipeline.flags.comparison import COMPARE, EVALUATE
from pipeline.flags.document_type import DOCUMENT_TYPE
from pipeline.flags.review import CORRECT, REVIEW
from pipeline.flags.run import RUN

COMMANDS: tuple[Command, ...] = (RUN, COMPARE, EVALUATE, REVIEW, CORRECT, DOCUMENT_TYPE)
