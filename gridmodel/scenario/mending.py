"""Wrong values of a scenario replaced by placeholders, so that the checks of everything else can go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import ErrorDetails

from gridmodel.scenario.fields import LocalTime
from gridmodel.scenario.groups.period import wrong_period
from gridmodel.scenario.help import Mitigation

DATES = {"start": "2026-01-05 00:00", "end": "2026-01-06 00:00"}
"""Dates that stand for wrong ones; no check looks at them."""
_TEXTS = {"name": "?", "network": "?", "weather": "?", **DATES}
"""Placeholders of settings that have no default."""
_ROW: dict[str, Any] = {"kind": "import", "size": 1.0}
"""Row of help that no check refuses."""
_EMPTY: dict[str, Any] = {
    "kind": "",
    "size": 1.0,
    "region": "",
    "target": "",
    "available_from": None,
    "cost_eur": 0.0,
    "name": "",
}
"""Values of a row of help that say nothing."""

Place = tuple[str, ...]
"""Path of a value: `("mitigations", "0", "size")`."""


def place_of(detail: ErrorDetails) -> Place:
    """Return the path of the value that an error of the validator is about; that of a name ends in `[key]`."""
    place = [str(part) for part in detail["loc"]]
    if place[:1] == ["events"]:
        del place[1:2]  # whether a file or rows
    if place or detail["type"] not in {"period", "sampling"}:
        return tuple(place)
    return (detail["type"],)


@dataclass(slots=True)
class Mended:
    """Settings whose wrong values are replaced one after the other."""

    given: Mapping[str, Any]
    """Settings as given."""
    plain: dict[str, Any] = field(default_factory=dict)
    """Settings with placeholders."""
    places: set[Place] = field(default_factory=set)
    """Paths of the values that were replaced."""

    def __post_init__(self) -> None:
        self.plain = dict(self.given)

    @classmethod
    def without(cls, given: Mapping[str, Any], wrong: Collection[str]) -> Mended:
        """Return settings without those that are known to be wrong."""
        made = cls(given)
        for name in wrong:
            made.mend((name,))
        return made

    @property
    def unknown(self) -> set[str]:
        """Settings whose value is not known; where single rows are wrong, the others are."""
        return {place[0] for place in self.places if len(place) == 1 or place[0] not in {"events", "mitigations"}} - {
            "period"
        }

    def is_mended(self, place: Place) -> bool:
        """Return whether a value, or what contains it, was replaced."""
        return any(place[:length] in self.places for length in range(1, len(place) + 1))

    def mend(self, place: Place, *, unknown: bool = False) -> None:
        """Replace a value.

        Parameters
        ----------
        place
            Its path.
        unknown
            True if a scenario, or a row, has no such key.
        """
        self.places.add(place)
        name = place[0]
        if name in {"period", "start", "end"}:
            self.plain |= DATES
        elif name in {"events", "mitigations"} and len(place) > 1:
            rows = list(self.plain[name])
            rows[int(place[1])] = self._row(rows[int(place[1])], place, unknown=unknown)
            self.plain[name] = rows
        elif name in _TEXTS:
            self.plain[name] = _TEXTS[name]
        else:
            self.plain.pop(name, None)

    def _row(self, row: Any, place: Place, *, unknown: bool) -> dict[str, Any]:  # noqa: ANN401 - any row
        """Return a row with one of its values replaced, or all of them."""
        if place[0] == "events":
            return {}
        if len(place) == 2 or not isinstance(row, Mapping):
            return _ROW
        if unknown:
            return {key: value for key, value in row.items() if key != place[2]}
        return {**row, place[2]: _ROW.get(place[2], _EMPTY.get(place[2]))}

    def known(self, number: int, key: str) -> Any:  # noqa: ANN401 - any value
        """Return a value of a row of help; None if it is wrong, and the default if it is not given."""
        if ("mitigations", str(number), key) in self.places:
            return None
        row = self.given["mitigations"][number]
        return row.get(key, _EMPTY[key]) if isinstance(row, Mapping) else None

    def date(self, name: str) -> datetime | None:
        """Return the start or end as given; None if it is not a local time."""
        return None if (name,) in self.places else _DATE.validate_python(self.given[name])

    def wrong_dates(self, clock: str) -> list[tuple[str, str]]:
        """Return what is wrong with the dates, as far as they are known; see `wrong_period`."""
        step = None if ("step",) in self.places else self.given.get("step", "1h")
        return wrong_period(self.date("start"), self.date("end"), step=step, clock=clock)

    def known_values(self, rows: Sequence[Any], help_: Sequence[Mitigation]) -> dict[str, Any]:
        """Return the dates and rows of a scenario with placeholders as they were given, as far as they are known.

        Parameters
        ----------
        rows
            Its `events`.
        help_
            Its `mitigations`.
        """
        found: dict[str, Any] = {name: moment for name in DATES if (moment := self.date(name)) is not None}
        wrong = {name: {int(place[1]) for place in self.places if place[0] == name and len(place) > 1}
                 for name in ("events", "mitigations")}  # fmt: skip
        if wrong["events"]:
            found["events"] = tuple(None if number in wrong["events"] else row for number, row in enumerate(rows))
        if wrong["mitigations"]:
            found["mitigations"] = tuple(
                self._help(number) if number in wrong["mitigations"] else one for number, one in enumerate(help_)
            )
        return found

    def _help(self, number: int) -> Mitigation:
        """Return a row of help, whose wrong values are empty."""
        values = {key: self.known(number, key) for key in _EMPTY}
        return Mitigation.model_construct(
            **{key: _EMPTY[key] if value is None else value for key, value in values.items()}
        )


_DATE: TypeAdapter[datetime] = TypeAdapter(LocalTime)
