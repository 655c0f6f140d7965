"""The page: one HTML file that needs nothing else, neither a network nor a server."""

from boothlab.report.page.write import PAGE_MAX, html

__all__ = ["PAGE_MAX", "html"]
