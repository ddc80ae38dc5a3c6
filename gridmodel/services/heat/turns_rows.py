"""Places of values in the blocks that loops over homes which take turns work on: a row for each quantity.

Those who use them name this file to their compiler too, so that a change in it is noticed.
"""

from __future__ import annotations

LOADED = (
    "air_mass", "air_heating", "air_gains", "mass_mass", "mass_heating", "mass_gains", "set_c", "settled_c",
    "installed_w", "of_stove_w", "at_once", "by_fall", "by_mass", "falls", "lag_h", "stays",
    "more_at_length", "steps_of_lag", "lags_of_step", "moves", "heating_for_gains", "appliances_w", "people_w",
    "backup_h", "charge_ratio", "more_per_once", "per_wall_w",
)  # fmt: skip
"""Rows of a table of buildings and settings that are rows of a block too."""
FIELDS = (*LOADED, "air_outdoor", "air_sun", "mass_outdoor", "mass_sun")
"""Rows of that table."""
AIR_MASS, AIR_HEATING, AIR_GAINS, MASS_MASS, MASS_HEATING, MASS_GAINS, SET, SETTLED = range(8)
INSTALLED, OF_STOVE, AT_ONCE, BY_FALL, BY_MASS, FALLS, LAG, STAYS = range(8, 16)
MORE, STEPS, LAGS, MOVES, FOR_GAINS, APPLIANCES, PEOPLE, BACKUP_H, RATIO, PER_ONCE, PER_WALL = range(16, 27)
OF_AIR, OF_MASS, FUEL, COOKER, ON, BACKUP, CHARGE, BEFORE, RADIATOR, HEATER, COLD_H = range(27, 38)
"""All that acts on homes, and their state before the step."""
GAINS, RUN, BY_HEAT, BARE, BARE_MASS, ASKED, PUSH, AWAY, ENDS, STORE, HALF_FALL, WANTED, LOG = range(38, 51)
"""Heat that they ask for, and the way to it."""
GIVEN, MADE, AFTER, AIR, NEW_MASS, LACKS, SWING, LOW = LOG, STORE, HALF_FALL, BARE, BARE_MASS, ASKED, PUSH, AWAY
HOURS, MARK, PART, SHORT, STEEP = BY_HEAT, ENDS, RUN, GAINS, WANTED
"""All that follows, in places of rows that nothing reads any more: a block has to fit the processor's nearest cache."""
OF_COHORTS, NONE, VALUES = 51, 52, 53
"""Sum of the air of cohorts, a row that stays 0, and the number of rows in single precision."""
OUTSIDE, EACH, OF_QUEUE, OF_LAST, MEAN, FOUND, KELVIN, WIDE_VALUES = 0, 1, 2, 3, 4, 5, 9, 11
"""Rows of a block in double precision: homes outside the queues, and in each sub-queue; those of a row of homes in each
sub-queue, and outside; mean air; what is counted; and the number of rows."""
