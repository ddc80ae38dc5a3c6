"""One page that a planner takes to the meeting: everything a run says, in one file that opens without a network."""

from gridmodel.report.page import html, write
from gridmodel.report.payload import payload
from gridmodel.report.sidebyside import side_by_side, write_side_by_side

__all__ = ["html", "payload", "side_by_side", "write", "write_side_by_side"]
