"""Kinds of help that can be placed, and the meaning of their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from gridmodel.errors import nearest
from gridmodel.scenario.fields import Group, LocalTime, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of help."""

    unit: str
    """Unit of the size."""
    meaning: str
    """Meaning, in a few words."""
    national: bool = False
    """Whether it helps the whole country; other kinds need a region."""
    whole: bool = False
    """Whether the size must be a whole number."""
    sent: float = 1.0
    """Size that is sent at once."""
    cost_eur: tuple[float, float, float]
    """Cost of what is sent at once for a cold spell of a week: low, likely, high. [EUR] [B]"""
    cost_of: str
    """Thing that the cost is of, and how the range is made."""
    source: str
    """Published prices behind it, with where and when."""
    confidence: Literal["medium", "low", "assumed"]
    """How sure the range is, in the words of the networks' tables: none is a quotation, so none is high."""


_UTILITY = "Nova Kakhovka water utility, price list of 9 April 2019 (nk-komun.org.ua), at 30 hryvnias a euro"
KINDS: dict[str, Kind] = {
    "mobile_generator": Kind(
        unit="MW",
        meaning="generator at waterworks or heat sources",
        sent=0.1,
        cost_eur=(15_000, 25_000, 40_000),
        cost_of="a diesel set of 100 kW, bought [B]: from 170 EUR/kW; with installation 300 to 800 USD/kW",
        source="15 million rupees a MW: Power Line, January 2021; installed: California Energy Commission, guide to "
        "distributed energy",
        confidence="low",
    ),
    "mobile_boiler": Kind(
        unit="MW",
        meaning="boiler on the heat network",
        sent=1.0,
        cost_eur=(17_000, 120_000, 300_000),
        cost_of="a boiler of 1 MW in a container, bought [B]: 112 MW of boilers alone for 1.86 million EUR; 16 boiler "
        "houses on wheels for 4.8 million EUR",
        source="Italy to Ukraine: RegioNews, January 2026; Belgium to Kyiv: Enabel",
        confidence="low",
    ),
    "import": Kind(
        unit="MW",
        meaning="imports beyond the limit of the scenario",
        national=True,
        sent=10.0,
        cost_eur=(200_000, 290_000, 500_000),
        cost_of="10 MW for a week (1,680 MWh) at 120, 173 and 297 EUR/MWh [B]: the mean of Central Europe and that of "
        "Hungary and Romania in cold weeks, and the price cap of 15,000 hryvnias; capacity at the border, which is "
        "auctioned, comes on top",
        source="weeks 2 and 3 of 2026: balancing.energy; cap: regulator NEURC, resolution 70 of 16 January 2026, at "
        "50.44 hryvnias a euro (delo.ua)",
        confidence="medium",
    ),
    "battery": Kind(
        unit="MW",
        meaning="battery in the grid",
        sent=1.0,
        cost_eur=(500_000, 700_000, 1_200_000),
        cost_of="1 MW for two hours, bought [B]: 250, 350 and 600 EUR/kWh; 245, 326 and 403 USD/kWh in 2030 for four "
        "hours, and more a kWh for two",
        source="Cole and Karmakar, NREL/TP-6A40-85332, 2023",
        confidence="medium",
    ),
    "fuel_truck": Kind(
        unit="1",
        meaning="tanker that refuels backup generators",
        sent=1.0,
        cost_eur=(37_000, 74_000, 83_000),
        cost_of="a tanker of 5 m³ for a week, with the diesel that it brings [B]: five loads at 1.26 EUR/L, ten at "
        "1.37, ten at 1.43; a heavy vehicle with its driver at 67 EUR/h, twelve hours a day, in the dear case all day",
        source="diesel: 55.32 hryvnias a litre in January 2025 (khersonline.net), 70 to 73 for arctic diesel on 26 "
        f"January 2026 (auto.24tv.ua); vehicle: {_UTILITY}",
        confidence="medium",
    ),
    "repair_crew": Kind(
        unit="1",
        meaning="repair crew",
        whole=True,
        cost_eur=(12_000, 25_000, 60_000),
        cost_of="five people and two heavy vehicles for a week, without material [B]: Ukrainian wages of 35,000 "
        "hryvnias a month with the winter's 20,000, vehicles at 67 EUR/h, twelve hours a day; the same in shifts all "
        "day; in shifts at American rates, 50 USD/h a person and 75 USD/h a vehicle",
        source="wages: telegraf.ua, 19 February 2026; supplement of January to March 2026: zaxid.net, 23 January 2026; "
        f"vehicles: {_UTILITY}; American rates: code of Lebanon, Ohio, charges of its electric division",
        confidence="low",
    ),
    "spare_transformers": Kind(
        unit="1",
        meaning="transformers added to the national stock",
        national=True,
        whole=True,
        cost_eur=(500_000, 1_500_000, 3_000_000),
        cost_of="a power transformer, bought [B]: the largest cost millions of dollars",
        source="U.S. Department of Energy, Large Power Transformers, 2014",
        confidence="low",
    ),
    "warming_points": Kind(
        unit="1",
        meaning="places where people get warm",
        sent=50.0,
        cost_eur=(3_000, 8_000, 20_000),
        cost_of="a heated tent of 50 places for a week, with its generator [B]: fitting out a place for 200 took "
        "500,000 hryvnias, some 3,200 EUR for 50",
        source="Kyiv: LIGA.net, November 2022",
        confidence="low",
    ),
    "drain_crew": Kind(
        unit="1",
        meaning="crew that drains heating pipes in time",
        whole=True,
        cost_eur=(2_000, 3_000, 6_000),
        cost_of="an emergency crew of a water utility with its vehicle at 34 EUR/h for 60, 84 and 168 hours of a week "
        "[B]; a plumber's wage alone is 41,500 hryvnias a month, some 200 EUR a week",
        source=f"crew: {_UTILITY}; wage: OLX Robota in finance.ua, 17 November 2025",
        confidence="low",
    ),
    "water_truck": Kind(
        unit="1",
        meaning="tanker that brings drinking water",
        whole=True,
        cost_eur=(3_000, 8_000, 15_000),
        cost_of="a tanker of 10 m³ with its driver for a week [B], 350 m³ at 8 to 26 EUR/m³ and more",
        source="what deliveries in bulk cost: no single price list",
        confidence="low",
    ),
}
"""Kinds of help."""
OPTION_COLUMNS = ("name", "kind", "region", "size", "cost_eur", "available_from", "target")
"""Columns of a file of options, see `gridmodel.studies.options.OPTIONS`."""
TARGETS = ("waterworks", "heat_source")
"""Places that a mobile generator can supply."""


class Mitigation(Group):
    """Mitigation measure that has been placed."""

    kind: Annotated[str, Field(json_schema_extra={"enum": [*KINDS]})]
    """Kind of help."""
    size: Annotated[Number, Field(gt=0, le=1e7)]
    """Amount, in the unit of its kind [MW, or a number]."""
    region: str = ""
    """Region in which it is placed; empty for help to the whole country."""
    target: Annotated[str, Field(json_schema_extra={"enum": ["", *TARGETS]})] = ""
    """System that a mobile_generator supplies: waterworks or heat_source; empty for other kinds."""
    available_from: LocalTime | None = None
    """Local time at which it starts to help; empty: the start of the run."""
    cost_eur: Annotated[Number, Field(ge=0, le=1e12)] = 0.0
    """Cost [EUR]."""
    name: Annotated[str, Field(max_length=200), Strict()] = ""
    """Name of the measure."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        found = wrong_help(self.kind, region=self.region, target=self.target, size=self.size)
        if found:
            said = "; ".join(message for _, message in found)
            raise PydanticCustomError("help", "{said}", {"said": said, "found": found})
        return self


def wrong_help(
    kind: str | None, *, region: str | None, target: str | None, size: float | None
) -> list[tuple[str, str]]:  # fmt: skip
    """Return what is wrong with a row of help: the key and a message for each problem.

    Parameters
    ----------
    kind, region, target, size
        Values of the row; None for one that is not known, of which nothing is said.
    """
    if kind is not None and kind not in KINDS:
        hint = nearest(kind, KINDS)
        return [("kind", f"is not a kind of help ({hint})" if hint else "is not a kind of help")]
    found = []
    if target and target not in TARGETS:
        found.append(("target", f"is not a target; the targets are {', '.join(TARGETS)}"))
    if kind is None:
        return found
    if KINDS[kind].national and region:
        found.append(("region", f"must be empty: {kind} is help of the whole country"))
    elif not KINDS[kind].national and region is not None and not region:
        found.append(("region", f"is required: {kind} needs a region"))
    if target is not None and (kind == "mobile_generator") != bool(target) and (not target or target in TARGETS):
        message = f"must be one of {', '.join(TARGETS)} for a mobile_generator, and empty for others"
        found.append(("target", message))
    if KINDS[kind].whole and size is not None and size % 1:
        found.append(("size", f"must be a whole number: {kind} comes in whole numbers"))
    return found
