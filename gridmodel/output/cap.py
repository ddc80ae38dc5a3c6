"""Alerts in the Common Alerting Protocol (OASIS CAP 1.2, 2010): one draft, one block for each region and language.

What a model says is not an alert: the message is a draft (`status` Draft, `scope` Restricted) that an officer reads,
edits and sends. Elements stand in the order of the schema.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET  # nosec B405
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import xarray as xr

from gridmodel.network.outlines import Outlines, Ring
from gridmodel.output.languages import languages, region_names, words
from gridmodel.output.outline_map import network_of, within
from gridmodel.results.deadlines import deadlines
from gridmodel.results.metrics import hours_without_power_per_day
from gridmodel.results.severity import severity

SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
"""Name space of CAP 1.2."""
SEVERITY = {2: "Minor", 3: "Moderate", 4: "Severe", 5: "Extreme"}
"""Severity of CAP by class; class 1 gives none. Ours: both scales have four steps above nothing."""
FROM_CLASS = 3
"""Class of the bad case from which a region whose typical class is 1 is in the alert, as possible. [1] Ours."""
DIGITS = 3
"""Decimals of degrees in polygons."""


def as_cap(result: xr.Dataset, *, outlines: Outlines | None = None, sent: datetime | None = None) -> str:
    """Return a draft alert of a run.

    Parameters
    ----------
    result
        Result of `gridmodel.run`, or its file opened.
    outlines
        Outlines of the regions; by default those of the bundled network that the result names. Without them an area has
        its code only.
    sent
        Time of the message; by default now.

    Returns
    -------
    str
        XML with one ``info`` for each region that is typically in severity class 2 or above, or in the bad case in
        class 3 or above, and for each language. A message without any has no ``info``, which the schema allows.
    """
    if outlines is None:
        network = network_of(result)
        outlines = Outlines() if network is None else network.outlines
    zone = ZoneInfo(str(result.attrs["timezone"]))
    moment = _moment((sent or datetime.now(UTC)).astimezone(zone))
    ET.register_namespace("", SPACE)
    alert = ET.Element(f"{{{SPACE}}}alert")
    head = {
        "identifier": f"gridmodel-{_digest(result, moment)}", "sender": "gridmodel", "sent": moment, "status": "Draft",
        "msgType": "Alert", "source": str(result.attrs["source"]), "scope": "Restricted",
        "restriction": "For those who decide whether to send it; made by a model, not a measurement.",
    }  # fmt: skip
    for name, text in head.items():
        _add(alert, name, text)
    for one in _infos(result, outlines, zone):
        _add_info(alert, one)
    ET.indent(alert, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(alert, encoding="unicode") + "\n"


def _infos(result: xr.Dataset, outlines: Outlines, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Yield what each block says: region by region, in every language."""
    classes, times = severity(result), deadlines(result)
    hours = hours_without_power_per_day(result).median("member").to_numpy()
    names = {lang: region_names(result, lang) for lang in languages()}
    end = pd.Timestamp(str(result.attrs["end"])).to_pydatetime().replace(tzinfo=zone)
    start = pd.Timestamp(str(result.attrs["start"])).to_pydatetime().replace(tzinfo=zone)
    for place, region in enumerate(map(str, result["region"].to_numpy())):
        typical, bad = (int(classes[name][region]) for name in ("class_p50", "class_p95"))
        if typical < min(SEVERITY) and bad < FROM_CLASS:
            continue
        early = times.xs(region, level="region")["local_p05"].dropna()
        onset = start if early.empty else early.min().floor("h").to_pydatetime().replace(tzinfo=zone)
        cold = _people(times, region, "homes_12c")
        for lang in languages():
            yield {
                "lang": lang, "region": region, "name": names[lang][place],
                "class": typical if typical >= min(SEVERITY) else bad,
                "certainty": "Likely" if typical >= min(SEVERITY) else "Possible", "onset": _moment(onset),
                "expires": _moment(end), "hours": float(hours[place]), "cold": cold, "rings": outlines.get(region, ()),
                "typical": typical, "bad": bad, "several": result.sizes["member"] > 1,
                "drain": _local(times, region, "drain"), "homes": _local(times, region, "homes_12c"),
            }  # fmt: skip


def _add_info(alert: ET.Element, one: Mapping[str, Any]) -> None:
    text = words(one["lang"])
    info = ET.SubElement(alert, f"{{{SPACE}}}info")
    people = f"{one['cold']:,.0f}".replace(",", "\u202f")
    hours = f"{one['hours']:.1f}"
    hours = hours if text["locale"].startswith("en") else hours.replace(".", ",")
    told = {"region": one["name"], "hours": hours, "people": people, "dates": _dates(one, text)}
    for name, value in (
        ("language", text["locale"]), ("category", "Infra"), ("category", "Health"), ("event", text["cap_event"]),
        ("responseType", "Prepare"), ("urgency", "Future"), ("severity", SEVERITY[one["class"]]),
        ("certainty", one["certainty"]), ("onset", one["onset"]), ("expires", one["expires"]),
        ("headline", text["cap_headline"].format(**told)),
        ("description", text["cap_description"].format(**told).strip()),
        ("instruction", text["cap_instruction"].format(**told)),
    ):  # fmt: skip
        _add(info, name, value)
    for name, value in (
        ("severity_class", one["typical"]),
        *([("severity_class_bad_case", one["bad"])] if one["several"] else []),
        ("hours_without_power_per_day", f"{one['hours']:.1f}"), ("people_below_12c", f"{one['cold']:.0f}"),
    ):  # fmt: skip
        _pair(info, "parameter", name, str(value))
    area = ET.SubElement(info, f"{{{SPACE}}}area")
    _add(area, "areaDesc", one["name"])
    for ring in _outer(one["rings"]):
        _add(area, "polygon", " ".join(f"{lat:.{DIGITS}f},{lon:.{DIGITS}f}" for lon, lat in ring))
    _pair(area, "geocode", "ISO3166-2", one["region"])


def _dates(one: Mapping[str, Any], text: Mapping[str, str]) -> str:
    """Return a sentence on the times of deadlines, in the bad case of several; empty where none is reached."""
    parts = [text[f"cap_{key}"].format(when=one[key]) for key in ("homes", "drain") if one[key]]
    says = text["cap_dates" if one["several"] else "cap_dates_one"]
    return says.format(list=text["b_and"].join(parts)) if parts else ""


def _outer(rings: tuple[Ring, ...]) -> list[Ring]:
    """Return the rings that lie in no other; a polygon of CAP has no holes."""
    return [
        ring for ring in rings
        if not any(within(np.array(ring[:1]), [np.array(other)])[0] for other in rings if other is not ring)
    ]  # fmt: skip


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{SPACE}}}{name}").text = text


def _pair(parent: ET.Element, kind: str, name: str, value: str) -> None:
    made = ET.SubElement(parent, f"{{{SPACE}}}{kind}")
    _add(made, "valueName", name)
    _add(made, "value", value)


def _people(times: pd.DataFrame, region: str, deadline: str) -> float:
    """Return the most people at once that a deadline concerns, typical; 0 where it is unknown."""
    if (region, deadline) not in times.index:
        return 0.0
    value = float(times["people_p50"][(region, deadline)])
    return 0.0 if np.isnan(value) else value


def _local(times: pd.DataFrame, region: str, deadline: str) -> str:
    """Return the local time of a deadline in the bad case, rounded down to the hour; empty if it is not reached."""
    if (region, deadline) not in times.index or pd.isna(times["local_p05"][(region, deadline)]):
        return ""
    return f"{times['local_p05'][(region, deadline)].floor('h'):%Y-%m-%d %H:%M}"


def _moment(time: datetime) -> str:
    """Return a time as CAP writes it: no fraction, and an offset in place of Z."""
    return time.replace(microsecond=0).isoformat()


def _digest(result: xr.Dataset, moment: str) -> str:
    """Return an identifier of letters and digits: CAP allows no spaces, commas or brackets."""
    said = f"{result.attrs['title']} {result.attrs['start']} {result.attrs['seed']} {result.sizes['member']} {moment}"
    return hashlib.sha256(said.encode()).hexdigest()[:20]
