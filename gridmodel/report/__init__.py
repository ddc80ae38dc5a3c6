"""One page that a planner takes to the meeting: everything a run says, in one file that opens without a network."""

from gridmodel.report.page import html, write
from gridmodel.report.payload import payload

__all__ = ["html", "payload", "write"]
