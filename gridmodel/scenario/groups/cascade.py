"""Cascade: what damage sets off at once, and the protection that acts on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from gridmodel.scenario.fields import Group, Hours, Number, Share


class CascadeSettings(Group):
    """Cascade: what damage sets off at once, and the protection that acts on it."""

    cascade: Literal["none", "overload", "full"] = "none"
    """Immediate effects of damage that are modelled: none; overload (branches that trip); or full (frequency, relays,
    units that trip and blackouts as well)."""
    overload_trip_factor: Annotated[Number, Field(ge=1, le=5)] = 1.2
    """Flow at which protection trips a branch, as a multiple of its limit [B]."""
    branch_reclose_h: Hours = 1.0
    """Time until a branch or interconnector that has tripped is closed again [h] [B]."""
    tie_overload_factor: Annotated[Number, Field(ge=1, le=5)] = 1.5
    """Flow that interconnectors carry for a moment, as a multiple of their capacity; beyond it, all interconnectors of
    an island open [B]."""
    primary_reserve_share: Share = 0.05
    """Reserve that acts at once, as a share of the running capacity, limited by its headroom [B]."""
    reserve_lag_s: Annotated[Number, Field(ge=0.5, le=60)] = 5.0
    """Time constant of that reserve [s] [B]."""
    reserve_full_hz: Annotated[Number, Field(ge=0.05, le=2)] = 0.2
    """Fall of frequency that activates all of it [Hz] (Regulation (EU) 2017/1485, annex V)."""
    load_relief_per_hz: Annotated[Number, Field(ge=0, le=0.1)] = 0.01
    """Share of load that drops with each hertz that the frequency falls [1/Hz] (UCTE Operation Handbook, policy 1)."""
    relay_first_hz: Annotated[Number, Field(ge=47, le=59.9)] | None = None
    """Frequency of the first stage of load shedding by relays [Hz]; empty: 49.0 in networks of 50 Hz (Regulation (EU)
    2017/2196, annex), 59.3 in those of 60 Hz (ERCOT Nodal Operating Guides, section 2.6.1)."""
    relay_last_hz: Annotated[Number, Field(ge=46, le=59.5)] | None = None
    """Frequency of its last stage [Hz] (the same); empty: 48.0 or 58.5."""
    relay_stages: Annotated[int, Strict(), Field(ge=2, le=20)] = 6
    """Number of stages, evenly spaced [1] (the same: at least six)."""
    relay_first_share: Share = 0.05
    """Share of the load that the first stage sheds (the same: at least 5 %)."""
    relay_share: Share = 0.45
    """Share of the load that all stages shed together, none of it critical [B]; the code allows about a half."""
    relay_delay_s: Annotated[Number, Field(ge=0, le=5)] = 0.2
    """Time from crossing the threshold until the breaker is open [s] [B]."""
    relay_restore_h: Hours = 0.5
    """Time until load that relays shed may be served again [h] [B]."""
    unit_trip_hz: Annotated[Number, Field(ge=40, le=59)] | None = None
    """Frequency below which units trip [Hz]; empty: 47.5 in networks of 50 Hz (Regulation (EU) 2016/631, article 13),
    57.5 in those of 60 Hz [B]."""
