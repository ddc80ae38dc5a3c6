"""Rotating outages as a timetable: six queues of two halves a region, in half hours.

`timetable` makes one from a result, `read` reads one that a supplier has published, `off_share` says how much of each
region is off in every step, which is what imposing it on a run needs.
"""

from gridmodel.events.timetable import GROUPS, off_share, read_timetable
from gridmodel.results.outage_schedule.table import hours_off, longest_stretch_h, timetable
from gridmodel.results.outage_schedule.write import as_csv, as_ics, as_json
from gridmodel.services.power.rotation import allot

read = read_timetable

__all__ = [
    "GROUPS",
    "allot",
    "as_csv",
    "as_ics",
    "as_json",
    "hours_off",
    "longest_stretch_h",
    "off_share",
    "read",
    "read_timetable",
    "timetable",
]
