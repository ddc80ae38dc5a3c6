"""Sheet of one region, or of the country: at most two printed pages that need no script and no network."""

from gridmodel.output.sheet.page import html, write

__all__ = ["html", "write"]
