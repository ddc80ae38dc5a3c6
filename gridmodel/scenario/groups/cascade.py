"""Cascade: what damage sets off at once, and the protection that acts on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from gridmodel.scenario.fields import Group, Hours, Number, Share


class CascadeSettings(Group):
    """Cascade: what damage sets off at once, and the protection that acts on it."""

    cascade: Literal["none", "overload", "full"] = "none"
    """Immediate effects of damage that are followed: none, branches that trip on overload, or also frequency, relays,
    units and blackouts."""
    overload_trip_factor: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Flow over the limit of a branch at which its protection trips it [B]."""
    branch_reclose_h: Hours = 1.0
    """Time until a branch or interconnector that tripped is closed again [h] [B]."""
    tie_overload_factor: Annotated[Number, Field(ge=1, le=5)] = 1.5
    """Flow over capacity that an interconnector carries for a moment; beyond it, all of an island's open [B]."""
    primary_reserve_share: Share = 0.05
    """Reserve that acts at once, as a share of the capacity that runs, if there is headroom [B]."""
    reserve_lag_s: Annotated[Number, Field(ge=0.5, le=60)] = 5.0
    """Time constant of that reserve [s] [B]."""
    reserve_full_hz: Annotated[Number, Field(ge=0.05, le=2)] = 0.2
    """Fall of frequency that activates all of it [Hz] (Regulation (EU) 2017/1485, annex V)."""
    load_relief_per_hz: Annotated[Number, Field(ge=0, le=0.1)] = 0.01
    """Share of load that falls away with each hertz of frequency [1/Hz] (UCTE Operation Handbook, policy 1)."""
    relay_first_hz: Annotated[Number, Field(ge=48.5, le=49.8)] = 49.0
    """Frequency of the first stage of load shedding by relays [Hz] (Regulation (EU) 2017/2196, annex)."""
    relay_last_hz: Annotated[Number, Field(ge=47, le=48.5)] = 48.0
    """Frequency of its last stage [Hz] (the same)."""
    relay_stages: Annotated[int, Strict(), Field(ge=2, le=20)] = 6
    """Number of stages, evenly spaced [1] (the same: at least six)."""
    relay_first_share: Share = 0.05
    """Share of the load that the first stage takes (the same: at least 5 %)."""
    relay_share: Share = 0.45
    """Share of the load that all stages take together, none of it critical [B]; the code lets it be near a half."""
    relay_delay_s: Annotated[Number, Field(ge=0, le=5)] = 0.2
    """Time from the threshold to the open breaker [s] [B]."""
    relay_restore_h: Hours = 0.5
    """Time until load that relays took may be served again [h] [B]."""
    unit_trip_hz: Annotated[Number, Field(ge=40, le=49)] = 47.5
    """Frequency below which units trip [Hz] (Regulation (EU) 2016/631, article 13)."""
