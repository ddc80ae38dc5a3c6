"""Who can be cut: consumers outside the queues, by region and member."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gridmodel.arrays import Floats, row_sum
from gridmodel.errors import Problem
from gridmodel.network import Network
from gridmodel.sampling import Settings, purpose_of, stream
from gridmodel.scenario import Scenario
from gridmodel.scenario.described import fields_of
from gridmodel.vocabulary import TIERS

CRITICAL, HOUSEHOLD, BUSINESS, INDUSTRY = map(TIERS.index, ("critical", "household", "business", "industry"))
RANGES = ("critical_share_factor", "exempt_share_factor", "shared_feeder_share")
"""Settings that say who is outside the queues, in the order in which regional factors are drawn."""
SPREAD = "outside_queues_spread"
"""Setting that says by how much regions differ in each of them."""
COLUMNS = {"exempt_share_factor": "share_exempt", "critical_share_factor": "share_critical"}
"""Columns of regions that settings are factors on."""
LEAST_SHEDDABLE = 0.01
"""Share of a region's demand that must be in the queues at the ends of all ranges. [1] Ours: below it nothing is left
to rotate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """Shares of demand inside and outside the queues."""

    tier_share: Floats
    """Share of each tier in demand, shape ``(region, tier)`` or ``(member, region, tier)``. [1]"""
    exempt: Floats
    """Share of demand that is exempt if no event changes it, shape ``(region,)`` or ``(member, region)``. [1]"""
    shared: Floats
    """Share of the others on feeders with critical consumers, shape ``(region,)`` or ``(member, region)``. [1]"""
    exempt_remaining: Floats
    """Share of the exempt that events leave outside the queues, shape ``(time, member, region)``. [1]"""
    whole: Floats | None = field(init=False)
    """Share of each tier outside the queues if no event changes it; None if nobody is. [1]"""

    def __post_init__(self) -> None:
        """Compute what is the same in most steps."""
        anybody = self.exempt.any() or self.shared.any()
        object.__setattr__(self, "whole", kept_share(self.tier_share, self.exempt, self.shared) if anybody else None)

    @property
    def homes_outside(self) -> Floats:
        """Share of homes outside the queues, at all times: exempt are firms, so that events on them move no home, [1].

        Of shape ``(region,)`` or ``(member, region)``.
        """
        return np.zeros(self.tier_share.shape[-2]) if self.whole is None else self.whole[..., HOUSEHOLD]

    def kept_share(self, step: int) -> Floats | None:
        """Return the share of each tier that is outside the queues, ``(member, region, tier)``; None if nobody is.

        Critical consumers are a tier of their own and not counted here. [1]
        """
        if self.whole is None or (self.exempt_remaining[step] >= 1.0).all():
            return self.whole
        return kept_share(self.tier_share, self.exempt * self.exempt_remaining[step], self.shared)

    def outside_share(self, step: int) -> Floats:
        """Return the share of demand outside the queues, critical consumers among it, ``(member, region)``. [1]"""
        kept = self.kept_share(step)
        critical = self.tier_share[..., CRITICAL]
        return critical if kept is None else critical + row_sum(kept * self.tier_share)


def kept_share(tier_share: Floats, exempt: Floats, shared: Floats) -> Floats:
    """Compute the share of each tier that is outside the queues.

    Parameters
    ----------
    tier_share
        Share of each tier in demand, shape ``(…, region, tier)``. [1]
    exempt
        Share of demand that is exempt, shape ``(…, region)``; it is industry, then business. [1]
    shared
        Share of all others on feeders with critical consumers, shape ``(…, region)``. [1]

    Returns
    -------
    numpy.ndarray
        Shape ``(…, region, tier)``; 0 for critical consumers. [1]

    Examples
    --------
    >>> kept_share(np.array([0.3, 0.3, 0.2, 0.2]), np.array(0.25), np.array(0.1)).round(3)
    array([0.   , 0.1  , 0.325, 1.   ])
    """
    industry = np.minimum(exempt, tier_share[..., INDUSTRY])
    business = np.minimum(exempt - industry, tier_share[..., BUSINESS])
    kept = np.zeros(np.broadcast_shapes(tier_share.shape, (*industry.shape, len(TIERS))))
    for tier, part in ((INDUSTRY, industry), (BUSINESS, business)):
        whole = tier_share[..., tier]
        kept[..., tier] = np.divide(part, whole, out=np.zeros(part.shape), where=np.broadcast_to(whole > 0, part.shape))
    kept += np.asarray(shared)[..., None] * (1.0 - kept)
    kept[..., CRITICAL] = 0.0
    return kept


def with_critical(tier_share: Floats, factor: Floats) -> Floats:
    """Scale the critical share of demand, and the others to make room for it.

    Parameters
    ----------
    tier_share
        Share of each tier, shape ``(region, tier)``. [1]
    factor
        Factor on the critical share, shape ``(region,)`` or ``(member, region)``. [1]

    Examples
    --------
    >>> with_critical(np.array([[0.3, 0.3, 0.2, 0.2]]), np.array([1.5])).round(4)
    array([[0.45  , 0.2357, 0.1571, 0.1571]])
    """
    critical = np.minimum(tier_share[..., CRITICAL] * factor, 1.0)
    others = 1.0 - tier_share[..., CRITICAL]
    room = np.divide(
        1.0 - critical, others, out=np.ones(critical.shape), where=np.broadcast_to(others > 0, critical.shape)
    )
    scaled = tier_share * room[..., None]
    scaled[..., CRITICAL] = critical
    return scaled


def build_queues(
    scenario: Scenario, network: Network, streams: Sequence[int], settings: Settings, exempt_remaining: Floats
) -> Queues:
    """Draw who is outside the queues, nationally and by region.

    Parameters
    ----------
    scenario
        Its seed; a deterministic one takes expected values.
    network
        Its regions have shares of demand.
    streams
        Number of each member's random streams.
    settings
        With the settings in `RANGES` and `outside_queues_spread`.
    exempt_remaining
        Share of the exempt that events leave, shape ``(time, member, region)``. [1]
    """
    regions = network.tables["regions"]
    tiers = regions[[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float)
    regional = np.ones((1, len(RANGES), len(tiers)))
    spread = settings.of("outside_queues_spread", 2)
    if not scenario.deterministic and spread.any():
        purpose = purpose_of("outside_queues")
        drawn = [stream(scenario.seed, number, purpose).random((len(RANGES), len(tiers))) for number in streams]
        regional = 1.0 + spread * (2.0 * np.stack(drawn) - 1.0)
    critical, exempt, shared = (settings.of(name, 1) * regional[:, place] for place, name in enumerate(RANGES))
    return Queues(
        tier_share=with_critical(tiers, critical), exempt=exempt_share(network) * exempt,
        shared=np.minimum(shared, 1.0), exempt_remaining=exempt_remaining,
    )  # fmt: skip


def exempt_share(network: Network) -> Floats:
    """Return the share of each region's demand that is exempt, 0 where the table does not say, ``(region,)``. [1]"""
    regions = network.tables["regions"]
    if "share_exempt" not in regions:
        return np.zeros(len(regions))
    return np.asarray(np.nan_to_num(regions["share_exempt"].to_numpy(dtype=float)))


def check_queues(scenario: Scenario, network: Network, *, unknown: Collection[str] = ()) -> list[Problem]:
    """Return a problem if the ranges may leave nothing in the queues of some region.

    It names what was given and is the cause: settings of the scenario, or else columns of the network. Settings that
    are `unknown` count as if they took nobody out of the queues.
    """
    ends = {name: 0.0 if name in unknown else _highest(scenario, name) for name in (*RANGES, SPREAD)}
    empty = _without_anybody(network, ends)
    if not empty:
        return []
    where = ", ".join(empty[:3]) + (f" and {len(empty) - 3} more" if len(empty) > 3 else "")
    given = scenario.given().keys() - {*unknown}
    origin = scenario.origin
    names, which = _causes(network, ends, [name for name in ends if name in given])
    if names:
        message = f"{_verb(names)} nothing to cut in {where}: nearly everyone there may be outside the queues"
        hint = "lower it, or the high end of its range" if len(names) == 1 else f"lower {which} of them"
        return [Problem(message=message, table=origin.shown, row=origin.line([names[0]]), field=", ".join(names),
                        hint=hint)]  # fmt: skip
    columns = [column for name, column in COLUMNS.items() if not _without_anybody(network, ends | {name: 0.0})]
    columns = columns or [*COLUMNS.values()]
    ranges = " and ".join(name for name, column in COLUMNS.items() if column in columns)
    message = f"{_verb(columns)} nothing to cut in {where}: nearly everyone there may be outside the queues"
    hint = f"lower {' or '.join(columns)} of these regions, or in the scenario {ranges}"
    return [Problem(message=message, table=f"{network.name}/regions.csv", field=", ".join(columns), hint=hint)]


def _verb(names: Sequence[str]) -> str:
    return "leaves" if len(names) == 1 else "together leave"


def _without_anybody(network: Network, ends: Mapping[str, float]) -> list[str]:
    """Return the regions that have next to nobody in the queues at some ends of the ranges."""
    wide = 1.0 + ends[SPREAD]
    critical, exempt, shared = (ends[name] * wide for name in RANGES)
    tiers = network.tables["regions"][[f"share_{tier}" for tier in TIERS]].to_numpy(dtype=float)
    tiers = with_critical(tiers, np.full(len(tiers), critical))
    kept = kept_share(tiers, exempt_share(network) * exempt, np.full(len(tiers), min(shared, 1.0)))
    sheddable = row_sum(tiers * (1.0 - kept)) - tiers[:, CRITICAL]
    return [name for name, part in zip(network.regions, sheddable, strict=True) if part < LEAST_SHEDDABLE]


def _causes(network: Network, ends: Mapping[str, float], given: Sequence[str]) -> tuple[list[str], str]:
    """Return the settings that were given without which somebody would be left in the queues of every region.

    Returns
    -------
    tuple
        Names of those any of which would do, and "one"; or of those that must all go, and "all"; none if not even the
        defaults of all of them leave anybody.
    """
    usual = {name: _high_end(fields_of(Scenario)[name].default) for name in given}
    alone = [name for name in given if not _without_anybody(network, {**ends, name: usual[name]})]
    if alone or _without_anybody(network, {**ends, **usual}):
        return alone, "one"
    needed = list(given)
    for name in given:
        others = {other: usual[other] for other in needed if other != name}
        if not _without_anybody(network, {**ends, **others}):
            needed.remove(name)
    return needed, "all"


def _highest(scenario: Scenario, name: str) -> float:
    """Return the highest value of a range or number, or nearly that of a distribution without an end."""
    if name in scenario.distributions:
        return float(scenario.distributions[name].quantile(np.array(0.999)))
    return _high_end(getattr(scenario, name))


def _high_end(value: float | Sequence[float]) -> float:
    return float(value[1] if isinstance(value, Sequence) else value)


def split_kept(demand_mw: Floats, kept: Floats) -> tuple[Floats, Floats]:
    """Split the demand of tiers into what can be cut and one load per region that cannot.

    Parameters
    ----------
    demand_mw
        Shape ``(member, region · tier)``. [MW]
    kept
        Share of each tier outside the queues, shape ``(member, region, tier)``. [1]

    Returns
    -------
    tuple of numpy.ndarray
        Loads with those of regions at the end, shape ``(member, region · tier + region)``, and the part of each tier
        in its region's, shape ``(member, region, tier)``. [MW]
    """
    by_tier = demand_mw.reshape(kept.shape)
    part = by_tier * kept
    return np.concatenate([(by_tier - part).reshape(demand_mw.shape), row_sum(part)], axis=1), part


def kept_part(part_mw: Floats) -> Floats:
    """Return each tier's part of the load of its region that cannot be cut, shape ``(member, region, tier)``. [1]"""
    whole = row_sum(part_mw)[..., None]
    return np.divide(part_mw, whole, out=np.zeros(part_mw.shape), where=whole > 0)


def joined_kept(values: Floats, part_mw: Floats, share: Floats | None = None) -> Floats:
    """Add what belongs to consumers outside the queues to their tiers.

    Parameters
    ----------
    values
        Values of loads, those of regions after those of tiers, shape ``(member, region · tier + region, …)``. [MW]
    part_mw
        Part of each tier in its region's load, shape ``(member, region, tier)``. [MW]
    share
        The same over that load (`kept_part`), if it is known. [1]

    Returns
    -------
    numpy.ndarray
        Shape ``(member, region · tier, …)``. [MW]
    """
    members, regions, tiers = part_mw.shape
    loads = regions * tiers
    if not values[:, loads : loads + regions].any():
        return np.asarray(values[:, :loads])
    share = kept_part(part_mw) if share is None else share
    more = values.shape[2:]
    kept = values[:, loads : loads + regions].reshape(members, regions, 1, *more)
    spread = kept * share.reshape(*share.shape, *[1] * len(more))
    return np.asarray(values[:, :loads] + spread.reshape(members, loads, *more))
