"""Queues: which consumers rotating outages never reach."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from gridmodel.scenario.fields import Factor, Group, Share, ordered


class QueueSettings(Group):
    """Queues: which consumers rotating outages never reach."""

    critical_share_factor: Annotated[tuple[Factor, Factor], AfterValidator(ordered)] = (0.8, 1.4)
    """Range of the national factor on the critical share of demand, drawn once per member [B]; a deterministic run
    takes 1 (or the end nearest to it). The shares of other consumers make room for it."""
    exempt_share_factor: Annotated[tuple[Factor, Factor], AfterValidator(ordered)] = (0.5, 1.5)
    """Range of the national factor on the share of demand that is exempt (`share_exempt` of a region: industry that
    imports for itself, feeders that are never cut), drawn once per member [B]."""
    shared_feeder_share: Annotated[tuple[Share, Share], AfterValidator(ordered)] = (0.0, 0.2)
    """Range of the share of all other consumers that are on feeders with critical ones and stay on with them, drawn
    once per member [B]."""
    outside_queues_spread: Share = 0.15
    """Half width of what regions differ by in each of these three, as a factor around 1, drawn for each region
    [B, 0-0.3]."""
