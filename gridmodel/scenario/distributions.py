"""Distributions of uncertain numbers, as a scenario writes them; each member draws a value from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log
from typing import Any, cast

import numpy as np

from gridmodel.arrays import Floats
from gridmodel.errors import nearest
from gridmodel.inputs.shares import comma_hint, share_hint

PARTS: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "log_uniform": ("low", "high"),
    "triangular": ("low", "most likely", "high"),
    "normal": ("mean", "standard deviation"),
    "lognormal": ("median", "standard deviation of the logarithm"),
    "choice": (),
}
"""Numbers that each kind takes; a choice takes any number of values, all equally likely."""
LEAST_INSIDE = 0.01
"""Least share of a normal or lognormal that must be within the bounds of the setting. [1] Ours: less is a mistake."""

MAX_SIGMA = 5.0
"""Largest standard deviation of a logarithm. [1] Ours: beyond it values span twenty powers of ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Range that a setting allows."""

    low: float = -inf
    high: float = inf
    open_low: bool = False
    """True where the low end itself is not allowed."""
    whole: bool = False
    """True where only whole numbers are allowed."""

    def allow(self, value: float) -> bool:
        """Return whether a value is allowed."""
        return self.low <= value <= self.high and not (self.open_low and value == self.low)

    def __str__(self) -> str:
        sides = [f"{'above' if self.open_low else 'from'} {self.low:g}"] if isfinite(self.low) else []
        sides += [f"up to {self.high:g}"] if isfinite(self.high) else []
        return " ".join(["whole numbers", *sides] if self.whole else sides)

    def some(self) -> float:
        """Return a value that is allowed."""
        low = self.low if isfinite(self.low) else min(self.high, 0.0)
        return low + min(1.0, (self.high - low) / 2) if self.open_low else low


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Distribution of one setting; members take values from its quantiles."""

    kind: str
    """One of `PARTS`."""
    numbers: tuple[float, ...]
    """Numbers that the kind takes, in its order."""
    bounds: Bounds
    """Range that the setting allows: a normal or lognormal is truncated there."""

    def written(self) -> dict[str, list[float]]:
        """Return the distribution as a scenario writes it."""
        return {self.kind: list(self.numbers)}

    def middle(self) -> float:
        """Return the value of a deterministic run: the median; of an even number of choices the lower of the two."""
        if self.kind == "choice":
            return sorted(self.numbers)[(len(self.numbers) - 1) // 2]
        if self.kind == "uniform" and self.bounds.whole:
            return float((self.numbers[0] + self.numbers[1]) // 2)
        return float(self.quantile(np.array([0.5]))[0])

    def end(self, share: float) -> float:
        """Return the lowest value that can be drawn (share 0), or the highest (share 1)."""
        return float(self.quantile(np.array([min(share, np.nextafter(1.0, 0.0))]))[0])

    def quantile(self, share: Floats) -> Floats:
        """Return the values below which given shares of the distribution are.

        Parameters
        ----------
        share
            Any shape, from 0 to below 1. [1]

        Notes
        -----
        For whole numbers, `uniform` and `choice` give each value the same chance; the others round to the nearest.
        """
        if self.kind == "choice":
            ordered = np.sort(np.array(self.numbers))
            return ordered[np.minimum((share * len(ordered)).astype(np.intp), len(ordered) - 1)]
        low, high = self.numbers[0], self.numbers[-1]
        if self.kind == "uniform" and self.bounds.whole:
            return np.minimum(low + np.floor((high - low + 1.0) * share), high)
        values = self._continuous(share)
        return np.rint(values) if self.bounds.whole else values

    def _continuous(self, share: Floats) -> Floats:
        """Return quantiles of a distribution that is not a choice."""
        if self.kind in {"normal", "lognormal"}:
            return self._cut(share)
        low, high = self.numbers[0], self.numbers[-1]
        if self.kind == "uniform":
            return low + (high - low) * share
        if self.kind == "log_uniform":
            return np.clip(low * (high / low) ** share, low, high)
        return self._triangular(share)

    def _triangular(self, share: Floats) -> Floats:
        """Return quantiles of a triangle, whose two sides are squares of the distance from their ends."""
        low, mode, high = self.numbers
        width = high - low
        rising = low + np.sqrt(share * width * (mode - low))
        falling = high - np.sqrt((1.0 - share) * width * (high - mode))
        return np.where(share * width < mode - low, rising, falling)

    def _cut(self, share: Floats) -> Floats:
        """Return quantiles of a normal or lognormal that is truncated at the bounds of the setting."""
        from scipy.special import ndtri

        below, inside = self._mass()
        centre, spread = self.numbers
        standard = ndtri(below + np.clip(share, 1e-15, 1.0 - 1e-15) * inside)
        values = centre + spread * standard if self.kind == "normal" else centre * np.exp(spread * standard)
        return np.clip(values, self.bounds.low, self.bounds.high)

    def _mass(self) -> tuple[float, float]:
        """Return the share of the untruncated distribution below the bounds, and within them."""
        from scipy.special import ndtr

        centre, spread = self.numbers
        ends = [self.bounds.low, self.bounds.high]
        if self.kind == "lognormal":
            centre, ends = log(centre), [log(end) if end > 0 else -inf for end in ends]
        below, above = (float(ndtr((end - centre) / spread)) for end in ends)
        return below, above - below

    def wrong(self) -> str:
        """Return what is wrong with its numbers; an empty text if nothing is."""
        names = PARTS[self.kind]
        if names and len(self.numbers) != len(names):
            return f"{self.kind} takes {len(names)} numbers: {', '.join(names)}"
        if not names and len(self.numbers) < 2:
            return "choice takes two numbers or more"
        return self._wrong_spread() if self.kind in {"normal", "lognormal"} else self._wrong_place()

    def _wrong_place(self) -> str:
        names = PARTS[self.kind]
        outside = [value for value in self.numbers if not self.bounds.allow(value)]
        if outside:
            return f"{outside[0]:g} is outside what the setting allows: {self.bounds}"
        broken = [value for value in self.numbers if value % 1]
        if self.bounds.whole and self.kind in {"uniform", "choice"} and broken:
            return f"{broken[0]:g} is not a whole number"
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


def parse_distribution(value: Mapping[Any, Any], bounds: Bounds) -> tuple[Distribution | None, str]:
    """Return the distribution that a scenario writes; None and what is wrong with it if it is not allowed.

    Parameters
    ----------
    value
        E.g. ``{"uniform": [0.18, 0.30]}``.
    bounds
        Range that the setting allows.
    """
    example = "takes a number, or one distribution such as {uniform: [low, high]}"
    if len(value) != 1:
        return None, example
    kind, numbers = next(iter(value.items()))
    if kind not in PARTS:
        return None, f"does not know the distribution {str(kind)[:40]!r} ({nearest(str(kind), PARTS)})"
    listed = list(numbers) if isinstance(numbers, Sequence) and not isinstance(numbers, str) else []
    if not listed or not all(_is_number(item) for item in listed):
        form = share_hint if bounds.high <= 1.0 else comma_hint
        forms = [hint for item in listed if isinstance(item, str) and (hint := form(item))]
        told = f" ({'; '.join(forms)})" if forms else ""
        return None, f"{kind} takes a list of numbers{': ' if PARTS[kind] else ''}{', '.join(PARTS[kind])}{told}"
    found = Distribution(kind=kind, numbers=tuple(float(cast("float", item)) for item in listed), bounds=bounds)
    message = found.wrong()
    return (None, message) if message else (found, "")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def distribution_schema() -> dict[str, Any]:
    """Return the JSON Schema of a distribution."""
    kinds: list[dict[str, Any]] = []
    for kind, names in PARTS.items():
        most = {"maxItems": len(names)} if names else {}
        numbers = {"type": "array", "items": {"type": "number"}, "minItems": len(names) or 2, **most}
        numbers["description"] = ", ".join(names) or "all equally likely"
        entry = {"type": "object", "properties": {kind: numbers}, "required": [kind], "additionalProperties": False}
        kinds.append(entry)
    return {
        "title": "Distribution",
        "description": "Distribution from which each member draws the number.",
        "oneOf": kinds,
    }
