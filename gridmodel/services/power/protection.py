"""Protection by nominal frequency: what relays and units are set to in networks of 50 and 60 Hz."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from gridmodel.arrays import Floats, Ints
from gridmodel.dispatch.frequency import NOMINAL_HZ
from gridmodel.errors import Problem
from gridmodel.network import Network
from gridmodel.sampling import Settings
from gridmodel.scenario import Scenario

USUAL_HZ: Mapping[float, Mapping[str, float]] = {
    50.0: {"relay_first_hz": 49.0, "relay_last_hz": 48.0, "unit_trip_hz": 47.5},
    60.0: {"relay_first_hz": 59.3, "relay_last_hz": 58.5, "unit_trip_hz": 57.5},
}
"""Settings by nominal frequency, where the scenario gives none. [Hz]"""
RARE = 1e-6
"""Share of members for which a drawn threshold may be anything. [1] Ours: tails of a normal distribution do not end."""
LOWEST = 0.8
"""Lowest threshold over the nominal frequency. [1] Ours: no machine runs so slowly."""


def threshold_hz(settings: Settings, name: str, rows: Ints, nominal_hz: float) -> Floats:
    """Return a threshold of some members on the scale of 50 Hz, shape ``()`` or ``(row,)``. [Hz]

    A swing is linear in the nominal frequency, so that all of them are followed on the scale of 50 Hz.
    """
    own = settings.of_rows(name, rows, 0) if name in settings else np.asarray(USUAL_HZ[nominal_hz][name])
    return np.asarray(own * (NOMINAL_HZ / nominal_hz))


def check_protection(scenario: Scenario, network: Network, *, unknown: Collection[str] = ()) -> list[Problem]:
    """Return thresholds that do not fit the nominal frequency of the network, or each other.

    Of a distribution all that is drawn must fit. Settings that are `unknown` are not looked at.
    """
    nominal = network.frequency_hz
    known = {name: usual for name, usual in USUAL_HZ[nominal].items() if name not in unknown}
    problems, spans = [], {name: ends_of(scenario, name, usual) for name, usual in known.items()}

    def note(name: str, message: str, value: float, hint: str) -> None:
        origin = scenario.origin
        problems.append(Problem(message=message, table=origin.shown, row=origin.line([name]), field=name,
                                value=f"{value:g}", hint=hint))  # fmt: skip

    for name, ends in spans.items():
        for value in sorted({one for one in ends if not LOWEST * nominal < one < nominal}):
            hint = f"give a frequency from {LOWEST * nominal:g} to {nominal:g}, or none for {USUAL_HZ[nominal][name]:g}"
            note(name, f"does not fit a network of {nominal:g} Hz", value, hint)
    if problems or not {"relay_first_hz", "relay_last_hz"} <= spans.keys():
        return problems
    (lowest, _), (_, highest) = spans["relay_first_hz"], spans["relay_last_hz"]
    if highest > lowest:
        hint = f"the first stage is at {lowest:g} Hz"
        note("relay_last_hz", "must not be above relay_first_hz", highest, hint)
    return problems


def vain_protection(
    scenario: Scenario, network: Network, given: Collection[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield settings of relays that act otherwise than they read, those that disagree and what is to be said of them.

    They are told, not refused: in a real grid, too, units may trip before the last relays open. Of `given` are the
    settings that the scenario gives.
    """
    usual = USUAL_HZ[network.frequency_hz]
    first, last, trip = (ends_of(scenario, name, usual[name]) for name in ("relay_first_hz", "relay_last_hz",
                                                                           "unit_trip_hz"))  # fmt: skip
    tripping = f"below {trip[1]:g} Hz (`unit_trip_hz`) units trip before relays open"
    if first[0] < trip[1]:
        yield ("relay_first_hz", "unit_trip_hz", "relay_last_hz"), f"leaves no stage that acts: {tripping}"
    elif last[0] < trip[1]:
        yield ("relay_last_hz", "unit_trip_hz"), f"leaves stages that never act: {tripping}"
    part, whole = (ends_of(scenario, name, 0.0) for name in ("relay_first_share", "relay_share"))
    if part[1] > whole[0] and (whole[0] > 0 or "relay_first_share" in given):  # a share of 0 means no relays
        message = f"lets the first stage shed {whole[0]:g} of the load and the others nothing: `relay_first_share` is "
        yield ("relay_first_share", "relay_share"), f"{message}{part[1]:g}, and no more than `relay_share` is shed"


def ends_of(scenario: Scenario, name: str, usual: float) -> tuple[float, float]:
    """Return the lowest and the highest value that a setting has in a run, one that is not given its usual value."""
    if name in scenario.distributions:
        low, high = scenario.distributions[name].quantile(np.array([RARE, 1.0 - RARE]))
        return float(low), float(high)
    setting, _, key = name.partition(".")
    value = getattr(scenario, setting)
    value = value.get(key) if key else value
    return (usual, usual) if value is None else (value, value)
