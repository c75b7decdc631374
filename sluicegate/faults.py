"""What can go wrong, by whose fault it is.

Fault
├── DocumentFault   this document's: becomes its failure record, never fails a bundle
│   └── NotFetched  the service could not read the object; its bytes may be sent instead
├── JobFault        the job's: stops the run early with one clear sentence
└── UsageFault      the command's: said before anything is launched
"""

import re

from sluicegate.codes import JOB_CODES, of_document, of_job


class Fault(Exception):  # noqa: N818 - an outcome with an owner, not always an error
    """Base of everything this product raises on purpose."""


class DocumentFault(Fault):
    """The document cannot be extracted from; ValueError for a code of nobody's or of a job."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = of_document(code)
        self.message = message

    def __reduce__(self) -> tuple[type["DocumentFault"], tuple[str, str]]:
        """Pickle by the arguments, not by the rendered text."""
        return type(self), (self.code, self.message)


class NotFetched(DocumentFault):
    """The service could not read the object that a document was passed by reference to."""


class JobFault(Fault):
    """The whole job cannot go on; ValueError for a code of nobody's or of a document.

    Its text survives a runner's wrapping: see `find_job_fault`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"[job fault: {code}] {message} [end of job fault]")
        self.code = of_job(code)
        self.message = message

    def __reduce__(self) -> tuple[type["JobFault"], tuple[str, str]]:
        """Pickle by the arguments, not by the rendered text."""
        return type(self), (self.code, self.message)


class UsageFault(Fault):
    """The command cannot be run as given; the text says what to change."""


_JOB_FAULT = re.compile(r"\[job fault: (\w+)\] (.*?) \[end of job fault\]", re.DOTALL)


def find_job_fault(text: str) -> JobFault | None:
    """Find the job fault in a runner's error text, however deeply it was wrapped."""
    for found in _JOB_FAULT.finditer(text):
        if found.group(1) in JOB_CODES:
            return JobFault(found.group(1), found.group(2))
    return None


def one_line(error: object, limit: int | None = 300) -> str:
    """Return what an error says on one line, cut at the limit: its `message`, where it has one."""
    return " ".join(str(getattr(error, "message", error)).split())[:limit]
