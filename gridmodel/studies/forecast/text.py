"""The text of a scenario made of a forecast: settings and ranges of the bundled one, period and events of its own."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from gridmodel.errors import visible
from gridmodel.events.national import FILE, national_wave
from gridmodel.inputs.files import bundled
from gridmodel.scenario.read import parse_yaml
from gridmodel.studies.forecast.nights import Night

BASE = "next-cold-spell"
"""Scenario whose network, ranges and settings a forecast takes over, with the comments that explain them."""
OWN = frozenset({"name", "weather", "start", "end", "events"})
"""Settings that a forecast has of its own."""
_KEY = re.compile(r"([A-Za-z_]\w*):")
_PLAIN = re.compile(r"[\w.-]*[A-Za-z][\w.-]*", re.ASCII)
WIDTH = 120
SAYS_NOTHING = frozenset({"forecast", "openmeteo", "open-meteo", "weather", "прогноз", "погода"})
"""Names of files that do not tell one forecast from another."""


def base_text() -> str:
    """Return the text of the scenario that a forecast takes over."""
    return bundled("scenarios")[BASE].read_text(encoding="utf-8")


def blocks(text: str) -> list[tuple[str, list[str]]]:
    r"""Return the settings of a scenario's text: name and lines of each, with the comments before it.

    Examples
    --------
    >>> blocks("# one\na: 1\n\n# two\nb:\n  c: 2\n")
    [('a', ['# one', 'a: 1']), ('b', ['', '# two', 'b:', '  c: 2'])]
    """
    found: list[tuple[str, list[str]]] = []
    ahead: list[str] = []
    for line in text.splitlines():
        key = _KEY.match(line)
        if key is not None:
            found.append((key[1], [*ahead, line]))
            ahead = []
        elif line.startswith((" ", "-")) and found:
            found[-1][1].extend([*ahead, line])
            ahead = []
        else:
            ahead.append(line)
    return found


def flow(value: object) -> str:
    """Return a value as YAML writes it on one line.

    Examples
    --------
    >>> flow({"number": {"uniform": [25, 55]}, "interception": 0.8})
    '{number: {uniform: [25, 55]}, interception: 0.8}'
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    return plain(value) if isinstance(value, str) else json.dumps(value)


def plain(text: str) -> str:
    """Return a text as YAML writes it, in quotes unless it is a plain word."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def comment(sentences: Iterable[str]) -> list[str]:
    """Return sentences as lines of comments, each sentence on lines of its own."""
    lines: list[str] = []
    for sentence in sentences:
        said = visible(sentence[:1].upper() + sentence[1:] + ("" if sentence.endswith(".") else "."))
        lines += textwrap.wrap(said, WIDTH, initial_indent="# ", subsequent_indent="#   ")
    return lines


def scenario_text(
    title: str, weather: str, notes: Sequence[str], *, start: np.datetime64, end: np.datetime64, events: Sequence[str]
) -> str:
    """Return the text of a scenario made of a forecast.

    Parameters
    ----------
    title
        Name of the scenario.
    weather
        Name of the weather file beside it.
    notes
        What the forecast is, and what was done to it, a sentence each.
    start, end
        Period of the run, local time.
    events
        Lines of its events, from `wave_lines`.
    """
    head = [
        "made of a forecast by `gridmodel scenario forecast`: run it with `gridmodel run` and the name of this file",
        *notes,
        f"damage as it stands, and the ranges [B] below, are those of the bundled scenario {BASE}, with the reason of "
        "each; every member draws from them. Look through them: what is known by now is better than a range",
        "read the median and the bad case (95th percentile), not the mean",
    ]
    own = {
        "name": [*comment(head), f"name: {plain(title)}"],
        "weather": [f"weather: {plain(weather)} # the forecast, beside this file"],
        "start": [f"start: {_clock(start)}"],
        "end": [f"end: {_clock(end)}"],
        "events": list(events),
    }
    lines = [line for key, given in blocks(base_text()) for line in own.get(key, given)]
    return "\n".join(lines) + "\n"


def wave_lines(
    size: str, nights: Sequence[Night], country: str, interception: object, start: np.datetime64
) -> list[str]:  # fmt: skip
    """Return the lines of the events of a scenario: a national wave in each night, with the alert around it.

    Parameters
    ----------
    size
        Size of the waves, as in `gridmodel.events.national`; empty for none.
    nights
        Nights of the waves.
    country
        Name of the country in events, the only target.
    interception
        Mean share that is intercepted of every type, a number or a distribution; None for that of the table.
    start
        Start of the run, local time, before which no alert can begin.
    """
    if not size:
        said = "no wave was asked for (--wave light, moderate or heavy); damage that stands is in the network"
        return ["", *comment([said]), "events: []"]
    shares = "as in the table" if interception is None else "as was asked for, of every type"
    said = (
        f"{size} waves on the whole country, in the coldest nights: the number of weapons is drawn from the ranges of "
    )
    said += f"scenarios/{FILE.parent.name}/{FILE.name} [B], interception {shares}"
    lines = ["", *comment([said]), "events:"]
    for night in nights:
        about = f"{night.lowest_c:.1f} °C at its lowest, mean of the country by population and of members"
        lines.append(f"  # night to {night.wave.astype('datetime64[D]')!s}: {about}")
        lines += _wave(size, night, country, interception)
        lines += _alert(night, country, start)
    return lines


def _wave(size: str, night: Night, country: str, interception: object) -> list[str]:
    """Return the lines of one wave."""
    wave = national_wave(size, time=_clock(night.wave), target=country)
    weapons = wave.pop("weapons")
    rows = [f"{key}: {value if key == 'time' else flow(value)}" for key, value in wave.items()]
    lines = [f"  - {rows[0]}", *(f"    {row}" for row in rows[1:]), "    weapons:"]
    for weapon, parts in weapons.items():
        given = parts if interception is None else {**parts, "interception": interception}
        lines.append(f"      {weapon}: {flow(given)}")
    return [*lines, "    note: assumed"]


def _alert(night: Night, country: str, start: np.datetime64) -> list[str]:
    """Return the line of the alert around a wave, as long as those of the scenario that a forecast takes over."""
    rows = parse_yaml(base_text(), shown=BASE)[0]["events"]
    alert = next((row for row in rows if row["kind"] == "alert"), None)
    if alert is None:
        return []
    begin = max(start, night.wave - np.timedelta64(1, "h"))
    lasts = f"duration_h: {flow(alert['duration_h'])}, note: crews shelter while it lasts"
    return [f"  - {{time: {_clock(begin)}, target: {country}/crew, kind: alert, {lasts}}}"]


def _clock(moment: np.datetime64) -> str:
    """Return a local time as scenarios write it."""
    return str(moment.astype("datetime64[m]")).replace("T", " ")


def titled(stem: str, start: np.datetime64, end: np.datetime64) -> str:
    """Return the title of a scenario made of a file of this name; by its days where the name says nothing.

    Examples
    --------
    >>> titled("tuesday", *(np.datetime64(day, "m") for day in ("2026-12-01", "2026-12-08")))
    'Forecast tuesday'
    >>> titled("forecast", *(np.datetime64(day, "m") for day in ("2026-12-01", "2026-12-08")))
    'Forecast of 2026-12-01 to 2026-12-07'
    """
    if stem.casefold() in SAYS_NOTHING:
        return (
            f"Forecast of {start.astype('datetime64[D]')} to {(end - np.timedelta64(1, 'm')).astype('datetime64[D]')}"
        )
    return f"Forecast {stem}"[:100]
