"""Texts and pictures of a sheet: words in a language, numbers rounded to what is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor, isfinite, log10

import numpy as np
import xarray as xr

from gridmodel.output.languages import region_names, words
from gridmodel.output.sheet.beside import Beside
from gridmodel.output.sheet.charts import LONGEST_DAYS, Line, chart, outage_strip, outline_map
from gridmodel.results.metrics import OFF_BY
from gridmodel.results.needs import COLD_C
from gridmodel.results.outage_schedule import GROUPS, mean_hours_off, timetable
from gridmodel.results.percent import whole_percent
from gridmodel.results.sheet import HIGH_FLOORS, Due, Pair, Sheet, Want, chance, part_of_day
from gridmodel.results.water_need import BRIDGED_H
from gridmodel.studies.asking import AskBy, OwnWork, ask_by, own_work
from gridmodel.studies.wanted import ARRIVES_H

DEADLINES = ("drain", "homes_12c", "dry_taps", "fuel_heat", "fuel_water", "fuel_hospital", "fuel_telecom")
"""Deadlines of a sheet, in order."""
COLUMNS_OF_COUNTRY = ("drain", "homes_12c", "dry_taps")
"""Deadlines in the table of the country."""
ADJECTIVES = ("ська", "цька", "зька")
"""Ends of Ukrainian names of oblasts, after which the word for oblast is said."""
MOST_NIGHTS = 3
"""Nights of waves that are named."""


class SheetPage:
    """Texts and pictures of a sheet, for its template."""

    def __init__(self, result: xr.Dataset, numbers: Sheet, beside: Beside, lang: str) -> None:
        self.result, self.numbers, self.beside = result, numbers, beside
        self.lang, self.words = lang, words(lang)
        self.names = dict(zip(map(str, result["region"].to_numpy()), region_names(result, lang), strict=True))
        self.several = numbers.members > 1

    def t(self, key: str, /, **blanks: object) -> str:
        """Return words of the sheet, with blanks filled; where there is one case, those that speak of one."""
        one = f"b_{key}_one"
        return self.words[f"b_{key}" if self.several or one not in self.words else one].format(**blanks)

    @property
    def place(self) -> str:
        """Name of the region, or of the country."""
        if not self.numbers.region:
            return self.t("country")
        name = self.names[self.numbers.region]
        return self.t("place_adjective", region=name) if name.endswith(ADJECTIVES) else name

    @property
    def title(self) -> str:
        """Heading of the sheet."""
        return self.t("title", region=self.place)

    @property
    def about(self) -> str:
        """Days of the forecast, and what its cases are."""
        attrs = self.result.attrs
        start, end = self.days
        blanks = {"start": start, "end": end, "zone": attrs["timezone"], "members": self.numbers.members}
        return self.t("about" if self.several or attrs["deterministic"] else "about_drawn", **blanks)

    @property
    def days(self) -> tuple[str, str]:
        """First and last day; the year once, or with both where they lie in two."""
        ends = self.numbers.local[[0, -1]]
        first, last = (self.t("day_year", day=self._date(end), year=str(end)[:4]) for end in ends)
        return (self._date(ends[0]) if str(ends[0])[:4] == str(ends[1])[:4] else first), last

    @property
    def wave(self) -> str:
        """Sentence on waves of strikes."""
        if not self.beside.wave:
            return "" if any(_events(self.result)) else self.t("no_wave")
        nights = self._joined([self._date(night) for night in self.beside.nights[:MOST_NIGHTS]], "and")
        given = self.beside.interception
        shares = self.t("intercepted", share=given) if given else self.t("intercepted_table")
        return self.t("wave", size=self.t(f"size_{self.beside.wave}"), nights=nights, interception=shares)

    @property
    def added(self) -> str:
        """Sentence on what strikes add in the whole country; empty where that is not known."""
        energy = self.beside.added.get("energy_not_served")
        if energy is None:
            return ""
        cold = self.beside.added.get("person_hours_without_heat")
        standing = round(100 * energy.standing_share)
        blanks: dict[str, object] = {"standing": standing, "more": 100 - standing}
        if cold is None or cold.without <= 0:
            return self.t("added_new", **blanks)
        times = 1.0 + cold.more / cold.without
        return self.t("added", cold=self.number(float(f"{times:.2g}")), **blanks)

    @property
    def figures(self) -> list[dict[str, str]]:
        """Key figures: title, typical value, bad case, and a note."""
        numbers = self.numbers
        off = numbers.off_day_h
        found = [self._figure("kf_off", self.t("kf_off_value", typical=f"{off.typical:.0f}"),
                              self.t("kf_off_value", typical=f"{off.bad:.0f}"), "")]  # fmt: skip
        for key, variable in (("kf_cold", "people_without_heat"), ("kf_water", "people_without_water")):
            if variable in numbers.peaks:
                floors = numbers.peaks.get(HIGH_FLOORS) if key == "kf_water" else None
                note = (
                    self.t("kf_floors", people=self.people(floors.typical))
                    if floors is not None and floors.typical >= 50
                    else ""
                )
                found.append(
                    self._people_figure(
                        key, numbers.peaks[variable], "; ".join(filter(None, (self.t("at_peak"), note)))
                    )
                )
        drain = next((due for due in numbers.dues if due.key == "drain" and due.people), None)
        if drain is not None and drain.people is not None:
            none = self.t("kf_no_drain")
            typical, bad = (self.t("kf_drain_people", people=self.people(value)) if value >= 50 else none
                            for value in (drain.people.typical, drain.people.bad))  # fmt: skip
            found.append(self._figure("kf_drain", typical, bad, ""))
        return found

    def _people_figure(self, key: str, pair: Pair, note: str) -> dict[str, str]:
        none = self.t("kf_none")
        value = self.t("kf_people", typical=self.people(pair.typical)) if pair.typical >= 50 else none
        return self._figure(key, value, self.people(pair.bad) if pair.bad >= 50 else none, note)

    def _figure(self, key: str, value: str, bad: str, note: str) -> dict[str, str]:
        return {"title": self.t(key), "value": value, "note": note, "worse": bad,
                "bad": self.t("kf_bad", bad=bad) if self.several else ""}  # fmt: skip

    @property
    def coldest(self) -> str:
        """Sentence on the coldest time outdoors."""
        air = self.numbers.outdoors_c
        step = int(air.typical.argmin())
        low, bad = float(air.typical.min()), float(air.bad.min())
        key = "coldest_bad" if bad < low - 0.5 else "coldest"
        said = self.t(key, when=self.at(self.numbers.local[step], to_the_hour=False), low=_minus(f"{low:.0f}"),
                      bad=_minus(f"{bad:.0f}"))  # fmt: skip
        return f"{said} {self._coldest_home()}".strip()

    def _coldest_home(self) -> str:
        """Sentence on the coldest kind of home, typically and in the bad case; empty where all are warm."""
        if self.numbers.coldest is None or self.numbers.coldest[1].low_c >= COLD_C:
            return ""
        said = [self.t("cold_kind", low=_minus(f"{one.low_c:.0f}"), share=f"{max(100 * one.share, 1):.0f}",
                       what=", ".join(self.words[name] for name in (one.archetype, one.state) if name))
                for one in self.numbers.coldest]  # fmt: skip
        return self.t("coldest_home", typical=said[0], bad=said[1])

    @property
    def why(self) -> list[str]:
        """Sentences on what keeps power from homes, and on causes of cold ones and dry taps."""
        keys = {"power_causes": "why_off", "heat_causes": "why_cold", "water_causes": "why_dry"}
        told = {split: self.t(keys[split], parts=", ".join(f"{self.words[name]} {share} %" for name, share in
                                                    whole_percent(causes).items()))
                for split, causes in self.numbers.causes.items() if split in keys}  # fmt: skip
        if "power_causes" in told and self._damaged:
            told["power_causes"] += f" {self._damaged}"
        return [*told.values()]

    @property
    def _damaged(self) -> str:
        """Sentence on people whose feeders are broken; empty where hardly anybody's are."""
        off = self.numbers.peaks.get(OFF_BY["damage"])
        if off is None or max(off.typical, off.bad) < 50:
            return ""
        return self.t("off_damage", people=self.people(off.typical), bad=self.people(off.bad))

    @property
    def dues(self) -> list[dict[str, str]]:
        """Rows of deadlines that come in any case."""
        order = {key: place for place, key in enumerate(DEADLINES)}
        there = sorted((due for due in self.numbers.dues if due.share > 0 and due.key in order),
                       key=lambda due: order[due.key])  # fmt: skip
        return [
            {"what": self._due_words(due.key), "chance": self.chance(due.share), "people": self._concerned(due.people),
             "typical": self.moment(due, due.typical), "bad": self.moment(due, due.early)}
            for due in there
        ]  # fmt: skip

    @property
    def never(self) -> str:
        """Sentence on what comes in no case."""
        never = [due.key for due in self.numbers.dues if due.share == 0]
        clauses = [self.t(f"n_{key}") for key in never if not key.startswith("fuel_")]
        systems = [self.words[f"sys_{key.removeprefix('fuel_')}"] for key in never if key.startswith("fuel_")]
        clauses += [self.t("n_fuel", systems=", ".join(systems))] if systems else []
        if not clauses:
            return ""
        return self.t("never", list=self._joined(clauses, "or"), members=self.numbers.members)

    def _joined(self, parts: Sequence[str], word: str) -> str:
        """Return parts with commas between them, and a word before the last."""
        return self.t(word).join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)

    @property
    def time_notes(self) -> list[str]:
        """Notes below the table of deadlines: which pipes freeze first, and how times are rounded."""
        drains = any(due.key == "drain" and due.share > 0 for due in self.numbers.dues)
        return [*([self.t("pipes_note")] if drains else []), self.t("time_note")]

    @property
    def remains(self) -> str:
        """Heading of what help changes."""
        given = self.beside.bought
        return self.t("remains_budget", budget=self.number(given.budget_eur)) if given else self.t("remains")

    def _due_words(self, key: str) -> str:
        kind, _, system = key.partition("_")
        if kind == "fuel":
            return self.t("d_fuel", system=self.words[f"sys_{system}"])
        return self.t(f"d_{key}")

    def chance(self, share: float) -> str:
        """Return a chance in words and numbers."""
        if not self.several:
            return ""
        count = self.t("of_cases", n=round(share * self.numbers.members), members=self.numbers.members)
        return f"{self.t(f'chance_{chance(share)}')} ({count})"

    def moment(self, due: Due, moment: np.datetime64 | None) -> str:
        """Return a time of a deadline, rounded down to what is known."""
        return self.t("not_in_run") if moment is None else self.at(moment, to_the_hour=due.to_the_hour)

    @property
    def drain_note(self) -> str:
        """People of a building, by which crews that drain so many buildings an hour are told in people."""
        each = self.beside.own.get("building_people", 0.0)
        asked = any(want.key == "drain_people" for want in self.numbers.wants)
        return self.t("drain_note", n=self.number(float(f"{each:.2g}"))) if asked and each > 0 else ""

    @property
    def wants(self) -> list[dict[str, str]]:
        """Rows of the table of what to ask for."""
        return [{
            "what": self.t(f"q_{want.key}"), "typical": self.amount(want.key, want.amount.typical),
            "bad": self.amount(want.key, want.amount.bad) if self.several else "",
            "by": self._since(want), "ask_by": self._ask_by(want), "own": self._own(want),
            "whom": self.t(f"w_{want.key}"),
        } for want in self.numbers.wants]  # fmt: skip

    def _since(self, want: Want) -> str:
        if want.since is None:
            return self.t("not_in_run")
        if want.since - self.numbers.local[0] < np.timedelta64(1, "h"):
            return self.t("from_start")
        return self.at(want.since, to_the_hour=want.to_the_hour)

    def asked_by(self, want: Want) -> AskBy | None:
        """Return when the help for a need must be asked for; None where that is not known."""
        return ask_by(want.key, want.since, self.numbers.local[0], to_the_hour=want.to_the_hour)

    def asked(self, want: Want) -> float:
        """Return the amount that is asked for: of the bad case if there are several."""
        return want.amount.bad if self.several else want.amount.typical

    def own_work(self, want: Want) -> OwnWork | None:
        """Return what own crews do of a need before its deadline; None where they are not known or do nothing."""
        if want.key != "drain_people" or not self.numbers.region:
            return None
        asked = self.asked(want)
        found = own_work(asked, want.own, want.within_h, want.since, self.numbers.local[0])
        return found if found is not None and found.missing < asked else None

    def start_words(self, own: OwnWork) -> str:
        """Return by when own crews must start."""
        return self.t("at_once") if own.start_by is None else self.t(
            "start_by", when=self.at(own.start_by, to_the_hour=True))  # fmt: skip

    def _ask_by(self, want: Want) -> str:
        """Return by when to ask; where own crews are enough, that they are, and if not, for how much to ask."""
        own, words = self.own_work(want), self.asked_words(self.asked_by(want))
        if own is None:
            return words
        if not own.missing:
            return self.t("own_enough", start=self.start_words(own))
        return self.t("own_missing", n=self.number(own.missing), when=words)

    def asked_words(self, asked: AskBy | None) -> str:
        """Return when help must be asked for; empty where that is not known."""
        if asked is None:
            return ""
        if asked.moment is None:
            there = self.numbers.local[0] + np.timedelta64(ARRIVES_H, "h")
            return self.t("ask_late", when=self.at(there, to_the_hour=True)) if asked.late else self.t("ask_now")
        return self.at(asked.moment, to_the_hour=True)

    @property
    def ask_note(self) -> str:
        """Notes below the table of what to ask for: those of the region or the country, and what its times mean."""
        wants = self.numbers.wants
        notes = [self.t("ask_note" if self.numbers.region else "ask_note_country"), self.t("ask_by_note", h=ARRIVES_H)]
        notes += [self.t("ask_by_empty")] if any(self.asked_by(want) is None for want in wants) else []
        dry = self.numbers.peaks.get(HIGH_FLOORS)
        told = self.numbers.region and dry is not None and dry.bad >= 50
        notes += [self.t("water_note", h=f"{BRIDGED_H:g}")] if told else []
        return " ".join(part for part in (*notes, self.drain_note) if part)

    def _own(self, want: Want) -> str:
        key = f"b_o_{want.key}"
        if want.key == "power_mw":
            return self.t("o_power_mw")
        if want.own is None or key not in self.words:
            return self.t("o_unknown")
        hours = ceil(self.asked(want) / want.own) if want.own > 0 else 0  # of crews that drain so many homes an hour
        return self.words[key].format(n=self.number(float(f"{want.own:.2g}")), h=hours)

    def amount(self, need: str, value: float) -> str:
        """Return an amount of a need with its unit; a dash for none."""
        if value <= 0:
            return "–"
        unit = "u_mw" if need.endswith("_mw") else f"u_{need}"
        return self.t(unit, n=self.number(value))

    def both(self, need: str, pair: Pair) -> str:
        """Return a typical amount and that of the bad case, with one unit for both."""
        typical = self.amount(need, pair.typical)
        bad = self.number(pair.bad) if min(pair.typical, pair.bad) > 0 else self.amount(need, pair.bad)
        return self.t("pair", typical=typical, bad=bad) if self.several else typical

    @property
    def charts(self) -> list[tuple[str, list[tuple[str, str]], str, str]]:
        """Title, legend (style and words of each line), picture and note of series over time."""
        numbers, days = self.numbers, self.t("weekdays").split(",")
        found = []
        for name, band in numbers.series.items():
            if band.bad.max() < 50:
                continue
            unit, size = ("million", 1e6) if band.bad.max() >= 1e6 else ("thousand", 1e3)
            lines = [Line(values=band.bad / size, style="bad")] if self.several else []
            lines.append(Line(values=band.typical / size, style="typical"))
            legend = [("typical", self.t("l_typical")), ("bad", self.t("l_bad"))] if self.several else []
            title = self.t(f"p_{name}", unit=self.t(f"unit_{unit}"))
            says = f"{title}: {self.t('chart_says', most=self.number(float(f'{band.typical.max() / size:.2g}')))}"
            found.append((title, legend, chart(numbers.local, lines, days=days, described=says, zero=True), ""))
        lines, legend = [Line(values=numbers.outdoors_c.typical, style="out")], [("out", self.t("l_outdoors"))]
        if numbers.mean_home_c is not None:
            lines.append(Line(values=numbers.mean_home_c.typical, style="typical"))
            legend.append(("typical", self.t("l_mean")))
        if numbers.cold_home_c is not None:
            cold = numbers.cold_home_c
            lines.append(Line(values=cold.typical, style="cold"))
            legend.append(("cold", self.t("l_cold")))
            if self.several:
                lines.append(Line(values=cold.bad, style="bad"))
                legend.append(("bad", self.t("l_cold_bad")))
        title = self.t("p_temperature")
        picture = chart(numbers.local, lines, days=days, described=f"{title}. {self.coldest}", zero=False,
                        height=160.0, mark=12.0, mark_says="12 °C")  # fmt: skip
        note = "" if numbers.cold_home_c is None else self.t("cold_note")
        return [*found, (title, legend, picture, note)]

    @property
    def schedule(self) -> dict[str, str] | None:
        """The outage schedule of the region; None for the country, and where nobody is off."""
        if not self.numbers.region:
            return None
        table = timetable(self.result, regions=[self.numbers.region])
        slots = 48 * LONGEST_DAYS
        off = table["off"].isel(region=0, time=slice(0, slots)).transpose("group", "time").to_numpy()
        if not off.any():
            return None
        local = table["local_time"].to_numpy()[:slots].astype("datetime64[m]")
        title = self.t("p_schedule")
        hours = float(mean_hours_off(table).mean())
        picture = outage_strip(local, dict(zip(GROUPS, off, strict=True)), days=self.t("weekdays").split(","),
                               described=title)  # fmt: skip
        typical = f"{self.numbers.off_day_h.typical:.0f}"
        notes = [self.t("schedule_note")]
        notes += [self.t("schedule_hours", hours=f"{hours:.0f}")] if f"{hours:.0f}" != typical else []
        note = " ".join(notes)
        return {"title": title, "picture": picture, "note": note}

    @property
    def map(self) -> str:
        """Small map with the region filled; empty without outlines."""
        if not self.beside.outlines:
            return ""
        return outline_map(self.beside.outlines, self.numbers.region, known=list(self.names),
                           described=self.t("map_says", region=self.place))  # fmt: skip

    @property
    def rows(self) -> list[list[str]]:
        """The table of regions of the country."""
        found = []
        for row in self.numbers.rows:
            cells = [self.names[row.region], self._two(f"{row.off_day_h.typical:.0f}", f"{row.off_day_h.bad:.0f}"),
                     self._two(self._thousand(row.cold.typical), self._thousand(row.cold.bad))]  # fmt: skip
            for key in COLUMNS_OF_COUNTRY:
                due = row.dues.get(key)
                cells.append("–" if due is None or not due.share else self._short_due(due))
            found.append(cells)
        return found

    def _short_due(self, due: Due) -> str:
        """Return the time of a deadline and its chance in a narrow cell."""
        moment = due.typical if due.typical is not None else due.early
        if moment is None:
            return self.chance(due.share)
        said = self.at(moment, to_the_hour=due.to_the_hour, short=True)
        count = (
            f" ({self.t('of_cases_short', n=round(due.share * self.numbers.members), members=self.numbers.members)})"
        )
        return said + (count if self.several else "")

    def _two(self, typical: str, bad: str) -> str:
        return f"{typical} ({bad})" if self.several else typical

    def people(self, value: float) -> str:
        """Return a number of people, rounded to two digits, in thousands or millions where it is large."""
        if value >= 999_500:
            return self.words["million"].format(n=self.number(float(f"{value / 1e6:.2g}")))
        if value >= 999.5:
            return self.words["thousand"].format(n=self.number(float(f"{value / 1e3:.2g}")))
        return self.number(float(f"{round(value):.2g}"))

    def _concerned(self, pair: Pair | None) -> str:
        if pair is None or not isfinite(pair.bad) or pair.bad < 50:
            return ""
        if pair.typical < 50:
            return self.t("up_to", n=self.people(pair.bad)) if self.several else ""
        key = "later_up_to_bad" if self.several else "later_up_to"
        return self.t(key, n=self.people(pair.typical), bad=self.people(pair.bad))

    def _thousand(self, value: float) -> str:
        return self.number(float(f"{value / 1e3:.2g}")) if value >= 50 else "0"

    def number(self, value: float) -> str:
        """Return a number as the language writes it: marks of thousands and of decimals."""
        digits = 0 if value == 0 or value >= 100 else max(0, 1 - floor(log10(abs(value))))
        text = f"{value:,.{digits}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text if self.words["locale"].startswith("en") else text.replace(",", "\u202f").replace(".", ",")

    def _date(self, moment: np.datetime64, *, short: bool = False) -> str:
        day, key = moment.astype("datetime64[D]"), "day_short" if short else "day"
        return self.t(key, weekday=self.t("weekdays").split(",")[(int(day.astype(np.int64)) + 3) % 7],
                      day=int(str(day)[8:]), month=self.t("months").split(",")[int(str(day)[5:7]) - 1])  # fmt: skip

    def at(self, moment: np.datetime64, *, to_the_hour: bool, short: bool = False) -> str:
        """Return a local time, rounded down to the hour or to the part of the day; without its month if short."""
        day, part = part_of_day(moment)
        date = self._date(moment, short=short)
        if to_the_hour:
            hour = int((moment - day) / np.timedelta64(1, "h"))
            return self.t("at_hour", day=date, hour=f"{hour:02d}")
        return self.t("at_part", day=date, part=self.t(f"part_{part}"))


def _events(result: xr.Dataset) -> Iterable[object]:
    """Return the events of a result, as far as they are in it."""
    events = json.loads(str(result.attrs.get("scenario", "{}"))).get("events")
    return events if isinstance(events, list) else [events] if events else []


def _minus(text: str) -> str:
    return text.replace("-", "−")


def in_one(figure: Mapping[str, str]) -> str:
    """Return a key figure and its bad case in one text."""
    return f"{figure['value']} ({figure['bad']})" if figure["bad"] else figure["value"]


def lower(text: str) -> str:
    """Return a text for the middle of a sentence."""
    return text[:1].lower() + text[1:]
