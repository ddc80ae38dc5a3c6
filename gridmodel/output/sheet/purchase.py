"""Purchases of a budget in the words of a sheet: lines, what the help changes, and the next lot with its price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.output.sheet.beside import Bought
from gridmodel.output.sheet.page import SheetPage, in_one, lower
from gridmodel.results.needs import needed_from
from gridmodel.results.sheet import Pair, sheet
from gridmodel.scenario import KINDS, Mitigation
from gridmodel.studies.remaining import brought_by, in_units

MOST_WORTH = 3
"""Changes by help that the line of a budget names; the sheet has all."""


def bought_of(page: SheetPage) -> dict[str, Any] | None:
    """Return what a budget buys: a sentence, lines, and what the help changes; None without a budget."""
    given = page.beside.bought
    if given is None:
        return None
    if not given.chosen or given.helped is None:
        return _told_of_nothing(page, given)
    helped = SheetPage(given.helped, sheet(given.helped, page.numbers.region), page.beside, page.lang)
    return _told_of(page, helped, given)


def _told_of(page: SheetPage, helped: SheetPage, given: Bought) -> dict[str, Any]:
    """Return what a budget buys: a sentence, lines, when it arrives, what it changes, and the next lot.

    Parameters
    ----------
    page, helped
        Pages without and with the help.
    given
        The purchase.
    """
    rows = [*_figures(page, helped), *_needs(page, helped, given)]
    same = "; ".join(lower(row["what"]) for row in rows if row["before"] == row["after"])
    tankers = any(one.kind == "water_truck" for one in given.chosen)
    left = given.budget_eur - given.cost_eur
    changed = [row for row in rows if row["before"] != row["after"]]
    return {
        "says": page.t("bought" if left < 1 else "bought_left", budget=page.number(given.budget_eur),
                       cost=page.number(given.cost_eur), left=page.number(left)),
        "lines": _lines(page, given.chosen),
        "arrives": _arrives(page, given.chosen),
        "next": _next(page, given),
        "worth": "; ".join(row["line"] for row in changed[:MOST_WORTH]),
        "rows": changed,
        "same": " ".join(part for part in (page.t("same", list=same) if same else "",
                                           page.t("taps_stay_dry") if tankers else "") if part),
    }  # fmt: skip


def _told_of_nothing(page: SheetPage, given: Bought) -> dict[str, Any]:
    """Return why a budget buys nothing, and what the next lot would be."""
    key = "remains_nothing" if given.following or not page.numbers.wants else "remains_little"
    nothing: dict[str, Any] = {"lines": [], "rows": [], "same": "", "arrives": "", "worth": ""}
    return nothing | {"says": page.t(key, budget=page.number(given.budget_eur)), "next": _next(page, given)}


def _figures(page: SheetPage, helped: SheetPage) -> list[dict[str, str]]:
    """Return the key figures without and with help."""
    return [{"what": one["title"], "before": in_one(one), "after": in_one(two),
             "line": _change(page, one["title"], (one["value"], two["value"]), (one["worse"], two["worse"]))}
            for one, two in zip(page.figures, helped.figures, strict=False)]  # fmt: skip


def _needs(page: SheetPage, helped: SheetPage, given: Bought) -> list[dict[str, str]]:
    """Return the needs without help, and what remains of them with it."""
    left, there = {want.key: want for want in helped.numbers.wants}, brought_by(given.chosen)
    since = _there(given.chosen)
    later = {} if since is None or given.helped is None else needed_from(_shown(given.helped, page), since)
    rows = []
    for want in page.numbers.wants:
        rest = left[want.key].amount if want.key in left else Pair(typical=0.0, bad=0.0)
        typical, bad = (in_units(value - there.get(want.key, 0.0), want.unit) for value in (rest.typical, rest.bad))
        pairs = ([page.amount(want.key, value) for value in both] for both in
                 ((want.amount.typical, typical), (want.amount.bad, bad)))  # fmt: skip
        what = page.t(f"q_{want.key}")
        before, after = (page.both(want.key, pair) for pair in (want.amount, Pair(typical=typical, bad=bad)))
        line = f"{lower(what)} {before}" if before == after else _change(page, what, *pairs)
        if want.key in there:
            brought = page.number(there[want.key])
            after, line = (page.t("beside_bought", after=one, n=brought) for one in (after, line))
        if want.key in later:
            then = Pair(**{name: in_units(later[want.key][part] - there.get(want.key, 0.0), want.unit)
                           for name, part in (("typical", "p50"), ("bad", "p95"))})  # fmt: skip
            if then.bad < bad or then.typical < typical:
                said = page.both(want.key, then) if then.bad > 0 else page.t("none_left")
                after, line = (page.t("once_there", after=one, then=said) for one in (after, line))
        rows.append({"what": what, "before": before, "after": after, "line": line})
    return rows


def _change(page: SheetPage, what: str, typical: Sequence[str], bad: Sequence[str]) -> str:
    """Return what help changes, typically and in the bad case, as far as each does change."""
    said = [page.t(f"change_{name}", before=two[0], after=two[1])
            for name, two in (("typical", typical), ("bad", bad)) if two[0] != two[1]]  # fmt: skip
    return f"{lower(what)} {', '.join(said[: 2 if page.several else 1])}"


def _next(page: SheetPage, given: Bought) -> str:
    """Return what the next lot is, its price, and what it would prevent beside what is bought."""
    lot = given.following
    if lot is None:
        return ""
    money = {"cost": lot.option.cost_eur, "low": lot.low_eur, "high": lot.high_eur, "each": lot.each_eur}
    blanks = {name: page.number(euros) for name, euros in money.items()}
    kind = lot.option.kind
    unit = page.t(f"each_{kind}", sent=page.number(KINDS[kind].sent))
    blanks |= {"units": page.number(lot.units), "unit": unit}
    parts = [page.t("lot_price" if lot.units > 1 else "lot_cost", **blanks)]
    parts += [page.t("lot_range", **blanks)] if lot.is_usual else []
    saves = page.t("lot_saves" if given.chosen else "lot_saves_alone", saved=page.people(lot.saved_h),
                   all=page.people(given.saved_h))  # fmt: skip
    if given.whole_h > 0:
        part = given.saved_h if given.chosen else lot.saved_h
        saves += " " + page.t("lot_share", part=page.number(float(f"{100 * part / given.whole_h:.1g}")),
                              whole=page.people(given.whole_h))  # fmt: skip
    what = _help(page, lot.option, lot.option.size)
    return page.t("next_lot", what=what, price=", ".join(parts), saves=saves)


def _arrives(page: SheetPage, chosen: Sequence[Mitigation]) -> str:
    """Return when help that is asked for at the start is there."""
    since = _there(chosen)
    return page.t("arrives_at_start") if since is None else page.t("arrives", when=page.at(since, to_the_hour=True))


def _there(chosen: Sequence[Mitigation]) -> np.datetime64 | None:
    """Return the local time from which all help is there; None for the start."""
    since = [np.datetime64(one.available_from, "m") for one in chosen if one.available_from is not None]
    return max(since, default=None)


def _shown(result: xr.Dataset, page: SheetPage) -> xr.Dataset:
    """Return the part of a result that a sheet is about."""
    return result.sel(region=[page.numbers.region]) if page.numbers.region else result


def _lines(page: SheetPage, chosen: Sequence[Mitigation]) -> list[str]:
    """Return help that is bought, lots of one kind together, with what it costs."""
    kinds: dict[tuple[str, str, str], list[Mitigation]] = {}
    for option in chosen:
        kinds.setdefault((option.kind, option.target, option.region), []).append(option)
    return [page.t("help_for", what=_help(page, lots[0], sum(one.size for one in lots)),
                   cost=page.number(sum(one.cost_eur for one in lots))) for lots in kinds.values()]  # fmt: skip


def planned_of(page: SheetPage) -> str:
    """Return a sentence on help that a scenario has, by its name or kind, with the time from which it is there."""
    found = []
    for option in page.beside.planned:
        what = option.name or _help(page, option, option.size)
        if option.available_from is not None:
            hour = np.datetime64(option.available_from, "m") + np.timedelta64(59, "m")  # rounded up: not there before
            what = page.t("planned_from", what=what, when=page.at(hour, to_the_hour=True))
        found.append(what)
    return page.t("planned", list="; ".join(found)) if found else ""


def _help(page: SheetPage, option: Mitigation, size: float) -> str:
    """Return the words of help, with its size and where it goes if that is not the region of the sheet."""
    target = page.words["sys_heat" if option.target == "heat_source" else "sys_water"] if option.target else ""
    says = page.t(f"k_{option.kind}", n=page.number(size), target=target)
    elsewhere = option.region and option.region != page.numbers.region
    return f"{says}, {page.names[option.region]}" if elsewhere else says
