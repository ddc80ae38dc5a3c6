"""Report of a run: one page for planners, in one file that opens without a network."""

from gridmodel.output.report.page import html, write
from gridmodel.output.report.payload import payload
from gridmodel.output.report.side_by_side import side_by_side, write_side_by_side

__all__ = ["html", "payload", "side_by_side", "write", "write_side_by_side"]
