"""Outage schedule: in each region six queues of two halves, off in turn, in half hours.

`timetable` makes one from a result, `read` reads one that a supplier has published, and `off_share` returns the share
of each region that is off in every step, which is needed to impose the schedule on a run.
"""

from gridmodel.events.timetable import off_share, read_timetable
from gridmodel.events.timetable_json import GROUPS
from gridmodel.results.outage_schedule.table import hours_off, longest_stretch_h, mean_hours_off, timetable
from gridmodel.results.outage_schedule.write import all_ics, as_csv, as_ics, as_json, calendar_names
from gridmodel.services.power.rotation import allot

read = read_timetable

__all__ = [
    "GROUPS",
    "all_ics",
    "allot",
    "as_csv",
    "as_ics",
    "as_json",
    "calendar_names",
    "hours_off",
    "longest_stretch_h",
    "mean_hours_off",
    "off_share",
    "read",
    "read_timetable",
    "timetable",
]
