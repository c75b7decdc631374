"""Reports as pages: one file each, readable offline, in light, in dark and on paper."""

from sluicegate.pages.change_page import change_page
from sluicegate.pages.score_page import score_page

__all__ = ["change_page", "score_page"]
