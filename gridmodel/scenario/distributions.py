"""A number that is not known: the distribution that each member draws it from, as a scenario writes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from gridmodel.errors import Problem, nearest
from gridmodel.names import TECHNOLOGIES
from gridmodel.scenario.origin import Origin

Floats = npt.NDArray[np.float64]

PARTS: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "log_uniform": ("low", "high"),
    "triangular": ("low", "most likely", "high"),
    "normal": ("mean", "standard deviation"),
    "lognormal": ("median", "standard deviation of the logarithm"),
    "choice": (),
}
"""Kinds, and the numbers that each takes; a choice takes any, each as likely as the others."""
ONE_FOR_ALL = frozenset({
    "heating_air_share", "backup_start_probability", "hospital_w_per_person", "hospital_autonomy_h",
    "telecom_w_per_person", "telecom_autonomy_h",
    "overload_trip_factor", "branch_reclose_h", "tie_overload_factor", "primary_reserve_share", "reserve_lag_s",
    "reserve_full_hz", "load_relief_per_hz", "relay_first_hz", "relay_last_hz", "relay_stages", "relay_first_share",
    "relay_share", "relay_delay_s", "relay_restore_h", "unit_trip_hz",
})  # fmt: skip
"""Settings that the physics takes as one number for all members, so that they have no distribution yet."""
BY_NAME: Mapping[str, tuple[str, ...]] = {"availability": TECHNOLOGIES}
"""Settings that hold a number by name, each of which can have a distribution."""
LEAST_INSIDE = 0.01
"""Least share of a normal or lognormal that must lie where the setting may. Ours: less is a slip of the pen."""

MAX_SIGMA = 5.0
"""Largest standard deviation of a logarithm. Ours: beyond it draws span twenty powers of ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a setting may lie."""

    low: float = -inf
    high: float = inf
    open_low: bool = False
    """Whether the low end itself is not allowed."""

    def hold(self, value: float) -> bool:
        """Whether a value is allowed."""
        return self.low <= value <= self.high and not (self.open_low and value == self.low)

    def __str__(self) -> str:
        sides = [f"{'above' if self.open_low else 'from'} {self.low:g}"] if isfinite(self.low) else []
        sides += [f"up to {self.high:g}"] if isfinite(self.high) else []
        return " ".join(sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A distribution of one setting; draws come from its quantiles."""

    kind: str
    """One of `PARTS`."""
    numbers: tuple[float, ...]
    """What the kind takes, in its order."""
    bounds: Bounds
    """Where the setting may lie: a normal or lognormal is cut there."""

    def written(self) -> dict[str, list[float]]:
        """Return it as a scenario writes it."""
        return {self.kind: list(self.numbers)}

    def middle(self) -> float:
        """What a deterministic run takes: the median; of an even number of choices the lower of the two."""
        if self.kind == "choice":
            return sorted(self.numbers)[(len(self.numbers) - 1) // 2]
        return float(self.quantile(np.array([0.5]))[0])

    def quantile(self, share: Floats) -> Floats:
        """Values below which given shares of the draws lie.

        Parameters
        ----------
        share
            Any shape, from 0 to below 1. [1]
        """
        if self.kind == "choice":
            ordered = np.sort(np.array(self.numbers))
            return ordered[np.minimum((share * len(ordered)).astype(np.intp), len(ordered) - 1)]
        if self.kind in {"normal", "lognormal"}:
            return self._cut(share)
        low, high = self.numbers[0], self.numbers[-1]
        if self.kind == "uniform":
            return low + (high - low) * share
        if self.kind == "log_uniform":
            return np.clip(low * (high / low) ** share, low, high)
        return self._triangular(share)

    def _triangular(self, share: Floats) -> Floats:
        """Values of a triangle: its two sides are squares of the distance from their ends."""
        low, mode, high = self.numbers
        width = high - low
        rising = low + np.sqrt(share * width * (mode - low))
        falling = high - np.sqrt((1.0 - share) * width * (high - mode))
        return np.where(share * width < mode - low, rising, falling)

    def _cut(self, share: Floats) -> Floats:
        """Values of a normal or lognormal that is cut at the bounds of the setting."""
        from scipy.special import ndtri

        below, inside = self._mass()
        centre, spread = self.numbers
        standard = ndtri(below + np.clip(share, 1e-15, 1.0 - 1e-15) * inside)
        values = centre + spread * standard if self.kind == "normal" else centre * np.exp(spread * standard)
        return np.clip(values, self.bounds.low, self.bounds.high)

    def _mass(self) -> tuple[float, float]:
        """Share of an uncut normal or lognormal below the bounds, and within them."""
        from scipy.special import ndtr

        centre, spread = self.numbers
        ends = [self.bounds.low, self.bounds.high]
        if self.kind == "lognormal":
            centre, ends = log(centre), [log(end) if end > 0 else -inf for end in ends]
        below, above = (float(ndtr((end - centre) / spread)) for end in ends)
        return below, above - below

    def wrong(self) -> str:
        """What is wrong with its numbers, or nothing."""
        names = PARTS[self.kind]
        if names and len(self.numbers) != len(names):
            return f"{self.kind} takes {len(names)} numbers: {', '.join(names)}"
        if not names and len(self.numbers) < 2:
            return "choice takes two numbers or more"
        return self._wrong_spread() if self.kind in {"normal", "lognormal"} else self._wrong_place()

    def _wrong_place(self) -> str:
        names = PARTS[self.kind]
        outside = [value for value in self.numbers if not self.bounds.hold(value)]
        if outside:
            return f"{outside[0]:g} is outside what the setting allows: {self.bounds}"
        if names and not (list(self.numbers) == sorted(self.numbers) and self.numbers[0] < self.numbers[-1]):
            return f"{self.kind} must run upwards: {' < '.join(names)}"
        if self.kind == "log_uniform" and self.numbers[0] <= 0:
            return "log_uniform needs numbers above 0"
        return ""

    def _wrong_spread(self) -> str:
        centre, spread = self.numbers
        if spread <= 0:
            return f"{self.kind} needs a {PARTS[self.kind][1]} above 0"
        if self.kind == "lognormal" and (centre <= 0 or spread > MAX_SIGMA):
            return f"lognormal needs a median above 0 and a standard deviation of the logarithm up to {MAX_SIGMA:g}"
        if self._mass()[1] < LEAST_INSIDE:
            return f"hardly any of this {self.kind} is within what the setting allows: {self.bounds}"
        return ""


def take_distributions(
    data: Mapping[str, Any],
    allowed: Mapping[str, Bounds],
    *,
    pairs: Collection[str],
    origin: Origin,
) -> tuple[dict[str, Any], dict[str, Distribution], list[Problem]]:
    """Tell distributions from plain settings.

    Parameters
    ----------
    data
        Settings as a file holds them.
    allowed
        Bounds of the settings that can have one.
    pairs
        Settings that are a range of two numbers.
    origin
        Where they stand in it.

    Returns
    -------
    tuple
        Settings with the middle of each distribution in its place, the distributions, and what is wrong with them.
    """
    plain, found, problems = dict(data), dict[str, Distribution](), list[Problem]()
    mappings = {name: value for name, value in data.items() if isinstance(value, Mapping)}
    for name, value in mappings.items():
        inner = {}
        if name in BY_NAME:
            inner = {f"{name}.{key}": item for key, item in value.items() if isinstance(item, Mapping)}
            plain[name] = {key: item for key, item in value.items() if not isinstance(item, Mapping)}
        elif name in allowed or name in ONE_FOR_ALL:
            inner = {name: plain.pop(name)}
        for path, item in inner.items():
            distribution, message = _take(path, item, allowed)
            if distribution is None:
                line = origin.line(path.split("."))
                problems.append(Problem(message=message, table=origin.shown, row=line, field=path))
                continue
            found[path] = distribution
            _put(plain, path, (distribution.middle(),) * 2 if name in pairs else distribution.middle())
    return plain, found, problems


def _put(settings: dict[str, Any], path: str, value: object) -> None:
    """Set a setting, or one name of a setting that holds numbers by name."""
    name, _, key = path.partition(".")
    if key:
        settings[name][key] = value
    else:
        settings[name] = value


def _take(path: str, value: Mapping[Any, Any], allowed: Mapping[str, Bounds]) -> tuple[Distribution | None, str]:
    if path in ONE_FOR_ALL:
        return None, "takes a number: it is one for all members, so it can have no distribution"
    if path not in allowed:
        name, _, key = path.partition(".")
        return None, f"has no such name ({nearest(key, BY_NAME[name])})"
    return parse_distribution(value, allowed[path])


def parse_distribution(value: Mapping[Any, Any], bounds: Bounds) -> tuple[Distribution | None, str]:
    """Distribution that a scenario writes, or nothing and what is wrong with it.

    Parameters
    ----------
    value
        E.g. ``{"uniform": [0.18, 0.30]}``.
    bounds
        Where the setting may lie.
    """
    example = "takes a number, or one distribution such as {uniform: [low, high]}"
    if len(value) != 1:
        return None, example
    kind, numbers = next(iter(value.items()))
    if kind not in PARTS:
        return None, f"has no distribution {str(kind)[:40]!r} ({nearest(str(kind), PARTS)})"
    listed = list(numbers) if isinstance(numbers, Sequence) and not isinstance(numbers, str) else []
    if not listed or not all(_is_number(item) for item in listed):
        return None, f"{kind} takes a list of numbers{': ' if PARTS[kind] else ''}{', '.join(PARTS[kind])}"
    found = Distribution(kind=kind, numbers=tuple(float(cast("float", item)) for item in listed), bounds=bounds)
    message = found.wrong()
    return (None, message) if message else (found, "")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def bounds_in(schema: Mapping[str, Any]) -> Bounds | None:
    """Bounds of a setting that is a number or a range of numbers, from its JSON Schema; nothing for any other."""
    if schema.get("type") == "number":
        low = schema.get("exclusiveMinimum", schema.get("minimum", -inf))
        return Bounds(low=low, high=schema.get("maximum", inf), open_low="exclusiveMinimum" in schema)
    branches = [*schema.get("anyOf", ()), *schema.get("prefixItems", ())[:1]]
    return next((found for branch in branches if (found := bounds_in(branch)) is not None), None)


def distribution_schema() -> dict[str, Any]:
    """JSON Schema of a distribution."""
    kinds: list[dict[str, Any]] = []
    for kind, names in PARTS.items():
        most = {"maxItems": len(names)} if names else {}
        numbers = {"type": "array", "items": {"type": "number"}, "minItems": len(names) or 2, **most}
        numbers["description"] = ", ".join(names) or "each as likely as the others"
        entry = {"type": "object", "properties": {kind: numbers}, "required": [kind], "additionalProperties": False}
        kinds.append(entry)
    return {"title": "Distribution", "description": "What each member draws the number from.", "oneOf": kinds}
