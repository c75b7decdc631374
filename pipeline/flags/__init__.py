"""The flags of every command, each one line of a table; what else knows of flags is made of them.

To add a flag, add its line to the table of its group (`places`, `earlier`, `extraction`, `service`,
`flow`; `comparison` for compare and evaluate) and use the value. --help, bounds, the summary's
settings, the template's parameters and docs/flags.md follow. Rules about several flags at once
stand beside their users.
"""

from pipeline.flags.reference import reference

__all__ = ["reference"]
