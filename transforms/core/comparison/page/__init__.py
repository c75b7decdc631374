"""Reports as pages: one file each, readable offline, in light, in dark and on paper."""

from transforms.core.comparison.page.change_page import change_page
from transforms.core.comparison.page.score_page import score_page

__all__ = ["change_page", "score_page"]
