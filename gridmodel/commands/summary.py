"""Summary of a run in a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.commands.common import console, print_table, rounded, tenths
from gridmodel.commands.said import Said
from gridmodel.output.languages import DEFAULT, region_names, words
from gridmodel.results.drivers import TOLD, drivers, independent
from gridmodel.results.metrics import (
    LONG_H,
    ens_mwh,
    ens_share,
    estimate,
    hours_without_power_per_day,
    off_by,
    person_hours,
    person_hours_by_cause,
    worst_hour,
)
from gridmodel.results.percent import whole_percent
from gridmodel.results.run_folder import REPORT
from gridmodel.results.standing import Standing, sentence, standing
from gridmodel.results.steps import step_h
from gridmodel.results.storage_energy import CHARGED, storage_energy
from gridmodel.results.weather_notes import WORDS, weather_notes
from gridmodel.services.registry import SHOWN_COUNTS, SPLITS

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

FEWEST = 20
"""Members from which one in twenty is one."""
WORST = 5
"""Most regions of which violations are listed. Ours: the summary fits a screen."""
MOST_ROWS = 60
"""Most rows of regions. Ours: twice the oblasts of a country; a network of a thousand regions has its page."""
ALIKE = 2.0
"""Standard errors of a paired mean difference within which regions are not ranked. [1] Ours: 19 times in 20."""
LEAST_MWH = 1.0
"""Least energy of storage that is told. [MWh] Ours: less is rounding."""
LEAST_SHARE = 0.01
"""Least share of person-hours at which a cause is listed. Ours: the summary fits a screen."""

NO_PEOPLE = (
    "Nobody lives in this network: people, heat and water come from tables beside its file, "
    "which `gridmodel network scaffold` begins."
)


def print_summary(
    result: xr.Dataset, folder: Path, *, screen: Console | None = None, without: xr.Dataset | None = None,
    events: Sequence[Mapping[str, object]] | None = None, lang: str = DEFAULT,
) -> None:  # fmt: skip
    """Print title, unserved energy and what moves it, worst hour, regions, people, and the folder of the results.

    With the same scenario without events also what these add, in one sentence.
    """
    screen, say = screen or console(), Said(lang)
    _print_head(result, screen, say)
    _print_notes(result, screen, say)
    energy, share = ens_mwh(result) / 1000.0, 100.0 * ens_share(result)
    moment = result.isel(time=worst_hour(result))
    when = str(moment["local_time"].to_numpy())[:16].replace("T", " ")
    demand = float((moment["demand_mw"].sum(("region", "tier")) / 1000.0).mean())
    missing = moment["shed_mw"].sum(("region", "tier")) / 1000.0
    screen.print()
    parts = {"energy": _value(energy, "GWh", say), "share": _value(share, "% of demand", say)}
    screen.print(say("Unserved energy  {energy}; {share}", **parts))
    _print_drivers(result, energy, screen, say)
    if estimate(energy).p95 <= 0:
        screen.print(say("Worst hour       none: demand is met in every hour"))
    else:
        told = {"when": when, "missing": _value(missing, "GW", say), "demand": say.number(rounded(demand))}
        screen.print(say("Worst hour       {when}, {missing} of {demand} GW missing", **told))
        (_print_regions if _peopled(result) else _print_unserved)(result, screen, say)
    if _peopled(result):
        _print_people(result, screen, say)
    else:
        screen.print(say(NO_PEOPLE))
    _print_causes(result, screen, say)
    _print_storage(result, screen, say)
    if without is not None:
        screen.print(_added(standing(result, without, events), say))
    for line in unnoticed(result, say):
        screen.print(line)
    page = say("; open report.html there in a browser") if (folder / REPORT).is_file() else ""
    screen.print(say("Results are in {folder}", folder=folder) + page, soft_wrap=True)


def _print_notes(result: xr.Dataset, screen: Console, say: Said) -> None:
    """Print what typical and bad case are, whether members are too few for it, and what is made up of the weather."""
    members = result.sizes["member"]
    if members > 1:
        screen.print(say("Typical is the median of the members; one in twenty is worse than the bad case."))
    if 1 < members < FEWEST:
        few = "With {n} members the bad case is close to the worst of them: take {fewest} or more."
        screen.print(say(few, n=members, fewest=FEWEST))
    for note in weather_notes(result):
        kind = str(note["kind"])
        told = words(say.lang)[f"weather_{kind}"].format(**note) if say.book else f"{WORDS[kind].format(**note)}."
        screen.print(f"{say('Weather')}: {told}")


def _print_head(result: xr.Dataset, screen: Console, say: Said) -> None:
    """Print what was run: title, network, time and members."""
    attrs, members = result.attrs, result.sizes["member"]
    sampled = (
        say("expected values")
        if attrs["deterministic"]
        else say("{n} members" if members > 1 else "{n} member", n=members)
    )
    screen.print(str(attrs["title"]), style="bold")
    regions = result.sizes["region"]
    counted = "{network}, {n} region" if regions == 1 else "{network}, {n} regions"
    screen.print(say(counted, network=attrs["network"], n=regions))
    screen.print(say("{start} to {end} ({zone})", start=attrs["start"], end=attrs["end"], zone=attrs["timezone"]))
    screen.print(say("{sampled}, seed {seed}", sampled=sampled, seed=attrs["seed"]))
    if "timetable_off_share" in result:
        off = f"{12 * float(result['timetable_off_share'].mean()):.1f}"
        imposed = "The timetable {file} is imposed: {n} of 12 sub-queues off, mean of regions and hours."
        file = Path(str(json.loads(str(attrs.get("scenario", "{}"))).get("timetable") or "")).name
        screen.print(say(imposed, file=file, n=say.number(off)))


def unnoticed(result: xr.Dataset, say: Said | None = None) -> list[str]:
    """Return a line for each setting that was left out and matters."""
    say, asked = say or Said(), json.loads(str(result.attrs.get("scenario", "{}")))
    return [*_unlimited(result, asked, say), *_too_late(result, asked, say)]


def _too_late(result: xr.Dataset, asked: Mapping[str, Any], say: Said) -> list[str]:
    """Return a line if help comes after the end of the run."""
    rows = [row for row in asked.get("mitigations") or () if isinstance(row, Mapping)]
    end = str(result.attrs.get("end", ""))[:16]
    dates = [(row, str(row.get("available_from") or "").replace("T", " ")[:16]) for row in rows]
    late = [f"{row.get('name') or row.get('kind')} {since}" for row, since in dates if end and since >= end]
    says = "Comes after the end of the run, so that it changes nothing: {what}"
    return [say(says, what="; ".join(late))] if late else []


def _unlimited(result: xr.Dataset, asked: Mapping[str, Any], say: Said) -> list[str]:
    """Return a line if imports have no limit of the scenario."""
    rows = asked.get("events")
    of_import = isinstance(rows, list) and any(str(row.get("target", "")).endswith("/import") for row in rows)
    most = float(result["import_mw"].max()) if "import_mw" in result else 0.0
    if (
        "import_limit_mw" in asked
        and asked["import_limit_mw"] is None
        and not asked.get("supply")
        and not of_import
        and most > 0
    ):
        limit = (
            "Not set: import_limit_mw, so imports may reach what the borders carry (at most {mw} MW were used here)."
        )
        return [say(limit, mw=say.number(rounded(most)))]
    return []


def _added(found: Standing, say: Said) -> str:
    """Return what events add, in one sentence."""
    if not say.book or found.share is None:
        return sentence(found)
    book = words(say.lang)
    more = [book[f"standing_{what}"].format(n=say.number(rounded(value))) for what, value in found.more.items()]
    return book["standing"].format(share=say.number(f"{100 * found.share:.0f}"), more=", ".join(more))


def _value(values: xr.DataArray, unit: str, say: Said) -> str:
    """Return the typical and, with several members, the bad case, as text."""
    number = estimate(values)
    if values.size < 2:
        return f"{say.number(rounded(number.mean))} {say(unit)}"
    value, bad = (say.number(rounded(one)) for one in (number.p50, number.p95))
    return say("{value} {unit} (bad case {bad})", value=value, unit=say(unit), bad=bad)


def _print_drivers(result: xr.Dataset, energy: xr.DataArray, screen: Console, say: Said) -> None:
    """Print which settings move unserved energy most, where several members differ in it."""
    if energy.size < 2 or float(energy.max()) <= 0 or "drawn_value" not in result or not independent(result):
        return
    found = drivers(result, energy)[:TOLD]
    ways = ("{name} (the higher, the less)", "{name} (the higher, the more)")
    told = "; ".join(say(ways[value > 0], name=_named(name, say.lang)) for name, value in found)
    nothing = say("nothing that {n} members can tell", n=energy.size)
    screen.print(say("Moved most by    {what}", what=told or nothing))


def _named(setting: str, lang: str) -> str:
    """Return words for a setting; its name without underscores where there are none."""
    return words(lang).get(f"set_{setting}", setting.replace("_", " "))


def _print_regions(result: xr.Dataset, screen: Console, say: Said) -> None:
    """Print how long homes of every region are without power, the longest first; equal ones share a row."""
    hours = hours_without_power_per_day(result)
    several, members = hours.sizes["member"] > 1, hours.sizes["member"]
    told_h = [tenths(float(one)) for one in hours.median("member").to_numpy()]
    shown = np.array([float(text.replace(",", "")) for text in told_h])  # equal values keep the order of the file
    names = region_names(result, say.lang)
    rows: dict[tuple[str, ...], list[str]] = {}
    ordered = np.argsort(-shown, kind="stable")
    alike = _alike(hours.transpose("member", "region").to_numpy(), int(ordered[0])) if several else []
    for place in [*alike, *(place for place in ordered if place not in {*alike})]:
        values = hours.isel(region=place)
        spread = (
            (
                say.number(tenths(estimate(values).p95)),
                say("{n} of {members}", n=int((values > LONG_H).sum()), members=members),
            )
            if several
            else ()
        )
        rows.setdefault((say.number(told_h[place]), *spread), []).append(str(names[place]))
    listed = [(", ".join(equal), *cells) for cells, equal in rows.items()]
    if len(listed) > MOST_ROWS:
        rest = [float(cells[1].replace(",", ".")) for cells in listed[MOST_ROWS:]]
        others = sum(len(equal) for equal in rows.values()) - sum(len(equal) for equal in [*rows.values()][:MOST_ROWS])
        low, high = (say.number(f"{most(rest):.1f}") for most in (min, max))
        last = (say("and {n} more", n=others), say("{low} to {high}", low=low, high=high), *([""] * 2 * several))
        listed = [*listed[:MOST_ROWS], last]
    wide = ("~Region", ">typical", ">bad case", f">members over {LONG_H:.0f} h")
    columns = say.heads(wide if several else ("~Region", ">hours"))
    print_table(say("Homes without power, hours per day"), columns, listed, screen=screen)
    if len(alike) > 1:
        which = say("All regions") if len(alike) == len(shown) else say("The first {n}", n=len(alike))
        same = "{which} differ by no more than chance; they are in the order of the network."
        screen.print(say(same, which=which))


def _peopled(result: xr.Dataset) -> bool:
    """Return whether anybody lives in the network; where a result does not say, people are taken to."""
    return "population" not in result or float(result["population"].sum()) > 0


def _print_unserved(result: xr.Dataset, screen: Console, say: Said) -> None:
    """Print the energy that each region does not get, the most first, of a network without people."""
    missing, need = (result[name].sum(("tier", "time")) * step_h(result) / 1000.0 for name in ("shed_mw", "demand_mw"))
    names, rows = region_names(result, say.lang), []
    for place in np.argsort(-missing.mean("member").to_numpy(), kind="stable")[:MOST_ROWS]:
        found = estimate(missing.isel(region=place))
        wanted = float(need.isel(region=place).mean())
        worse = (say.number(rounded(found.p95)),) if missing.sizes["member"] > 1 else ()
        share = 100.0 * found.p50 / wanted if wanted > 0 else 0.0
        rows.append((str(names[place]), say.number(rounded(found.p50)), *worse, f"{say.number(rounded(share))} %"))
    if len(names) > MOST_ROWS:
        rows.append((say("and {n} more", n=len(names) - MOST_ROWS), *([""] * (len(rows[0]) - 1))))
    wide = (">typical", ">bad case") if missing.sizes["member"] > 1 else (">typical",)
    print_table(say("Unserved energy by region, GWh"), say.heads(("~Region", *wide, ">of demand")), rows, screen=screen)


def _alike(hours: Floats, worst: int) -> list[int]:
    """Return the regions whose mean chance alone can set apart from that of the worst, itself included, ascending.

    Parameters
    ----------
    hours
        Hours by member and region, shape ``(member, region)``. [h/d]
    worst
        Place of the region with most.
    """
    less = hours[:, [worst]] - hours
    error = less.std(axis=0, ddof=1) / np.sqrt(len(hours))
    return [int(place) for place in np.flatnonzero(np.abs(less.mean(axis=0)) <= ALIKE * error)]


def _print_people(result: xr.Dataset, screen: Console, say: Said) -> None:
    """Print people without each service at the peak of each member, and person-hours."""
    rows, several = [], result.sizes["member"] > 1
    for count in SHOWN_COUNTS:
        name = count.variable
        if name not in result:
            continue
        at = worst_hour(result, name)
        people = estimate(result[name].sum("region").max("time") / 1e6)
        hours = estimate(person_hours(result, name) / 1e6)
        when = str(result["local_time"].to_numpy()[at])[5:16].replace("T", " ") if people.p95 > 0 else "–"
        worse = (say.number(f"{people.p95:.2f}"),) if several else ()
        more = (say("{n} M", n=say.number(rounded(hours.p95))),) if several else ()
        first = (say.word(count.key, count.words), say.number(f"{people.p50:.2f}"), *worse, when)
        rows.append((*first, say("{n} M", n=say.number(rounded(hours.p50))), *more))
    wide, narrow = (">typical", ">bad case", "at", ">person-hours", ">bad case"), (">people", "at", ">person-hours")
    columns = say.heads(("Million people", *(wide if several else narrow)))
    print_table(say("People without each service at its peak"), columns, rows, screen=screen)


def _print_causes(result: xr.Dataset, screen: Console, say: Said) -> None:
    """Print what keeps power from homes, and the main causes of cold ones and dry taps, by share of person-hours."""
    off = {name: share for name, share in off_by(result).items() if share >= LEAST_SHARE}
    _print_shares(off, say.word("power_causes", "Why homes have no power"), screen, say)
    for split in SPLITS:
        if split.variable not in result:
            continue
        hours = person_hours_by_cause(result, split.variable).mean("member").to_series().sort_values(ascending=False)
        shares = hours / hours.sum() if hours.sum() > 0 else hours
        main = {str(name): float(share) for name, share in shares[shares >= LEAST_SHARE].items()}
        _print_shares(main, say.word(split.key, split.words), screen, say)


def _print_shares(shares: Mapping[str, float], why: str, screen: Console, say: Said) -> None:
    """Print the shares of causes in person-hours in a line; nothing without any."""
    told = [f"{say.word(name, name.replace('_', ' '))} {share} %" for name, share in whole_percent(shares).items()]
    if told:
        screen.print(say("{why}, person-hours: {causes}", why=why, causes=", ".join(told)))


def _print_storage(result: xr.Dataset, screen: Console, say: Said) -> None:
    """Print what storage gave and took, and what of it nobody generated; the water of reservoirs is theirs."""
    told = []
    for name, energy in storage_energy(result).items():
        gave, took, added = (say.number(rounded(energy[f"{what}_mwh"] / 1000.0)) for what in ("gave", "took", "added"))
        if energy["gave_mwh"] < LEAST_MWH and energy["took_mwh"] < LEAST_MWH:
            continue
        part = "{name} gave {gave}, took {took}" if name in CHARGED else "{name} gave {gave}"
        part = say(part, name=say.word(f"t_{name}", name.replace("_", " ")), gave=gave, took=took)
        if name in CHARGED and energy["added_mwh"] >= LEAST_MWH:
            part += " " + say("({added} from outside the balance)", added=added)
        told.append(part)
    if told:
        screen.print(say("Storage, mean GWh: {what}", what="; ".join(told)))


STEPS = {
    "loss": "lost at once",
    "reserve": "supplied by neighbours and reserve",
    "tie_opening": "interconnectors opened",
    "under_frequency": "load shed by relays",
    "unit_trip": "plant tripped",
    "branch_trip": "branches tripped",
    "blackout": "load blacked out",
    "return": "plant started again",
    "tie_closing": "interconnectors closed again",
}
"""Labels of the mechanisms in a log of cascades."""


def print_cascades(result: xr.Dataset, *, screen: Console | None = None) -> None:
    """Print what events set off, if cascades were simulated."""
    if "cascade_mw" not in result:
        return
    from gridmodel.results.cascade_log import by_mechanism

    screen = screen or console()
    found = by_mechanism(result)
    of = result.sizes["member"]
    rows = [
        (STEPS[str(name)], f"{members} of {of}", str(times), rounded(middle), rounded(high)) if of > 1
        else (STEPS[str(name)], str(times), rounded(middle))
        for name, members, times, middle, high in found[["members", "times", "p50_mw", "p95_mw"]].itertuples()
    ]  # fmt: skip
    screen.print()
    if not rows:
        screen.print("Cascades         none: nothing was lost at once")
        return
    wide = ("Mechanism", ">members", ">times", ">typical MW", ">bad case")
    columns = wide if of > 1 else ("Mechanism", ">times", ">MW")
    print_table("What events set off", columns, rows, screen=screen)
    if "frequency_nadir_hz" in result:
        screen.print(f"Lowest frequency {float(result['frequency_nadir_hz'].min()):.2f} Hz")


def print_ac_check(table: pd.DataFrame, *, screen: Console | None = None) -> None:
    """Print the AC power flow of the hours that were checked."""
    from gridmodel.studies.ac_check import overview

    screen = screen or console()
    found = overview(table)
    hours = int(str(found["hours"]))

    def number(name: str, form: str) -> str:
        value = found[name]
        return "–" if value is None else format(value, form)

    rows = [
        ("hours that did not converge", f"{found['hours_not_converged']} of {hours}"),
        ("hours with voltages outside 0.9 to 1.1", f"{found['hours_with_voltages_outside']}"),
        ("hours with branches above 100 %", f"{found['hours_with_overloads']}"),
        ("lowest and highest voltage", f"{number('min_voltage_pu', '.3f')} to {number('max_voltage_pu', '.3f')}"),
        ("highest loading, %", number("max_loading_percent", ".1f")),
        ("most losses, MW", number("max_losses_mw", ",.0f")),
        ("largest error of a DC flow, MW", number("max_dc_error_mw", ",.0f")),
    ]
    first = str(table["local_time"].iloc[0])[:16]
    title = f"AC power flow of {first}" if hours == 1 else f"AC power flow of {hours} hours"
    screen.print()
    print_table(f"{title}, first member", ("Quantity", ">Value"), rows, screen=screen)
    broken = table[table["live"] & ((table["buses_outside"] > 0) | (table["branches_overloaded"] > 0))]
    for region, rest in list(broken.groupby("region"))[:WORST]:
        screen.print(f"{region}: {rest['time'].nunique()} hours with a violation, all in ac_check.csv")
