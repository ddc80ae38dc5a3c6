"""Common ground of a run and the state that it begins from: version, network, time and settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from gridmodel.errors import Problems
from gridmodel.inputs.json_text import parse_json
from gridmodel.network import Network
from gridmodel.results.own_inputs import files_of, hash_of, path_of
from gridmodel.scenario import Scenario
from gridmodel.scenario.fields import FIRST_YEAR, LAST_YEAR, MAX_MEMBERS
from gridmodel.services.cohorts import homes_may_be_outside
from gridmodel.version import __version__

FORMAT = "2"
"""Version of the file. It changes with every change that an earlier program would misread."""
SAME = ("step", "seed", "sampling", "deterministic", "rotation", "cuts", "cascade", "recharge")
"""Settings that a run has in common with that whose state it begins from: they say what a state consists of, or who its
members are."""
MAX_ELAPSED = 24 * 400 * 4 * 100
"""Most steps before a state. Ours: a hundred of the longest runs, one after the other."""
TEXTS = ("title", "format", "gridmodel", "network", "network_hash", "time", "settings", "events", "elapsed")
"""Attributes of a file."""


def network_hash(scenario: Scenario) -> str:
    """Return the SHA-256 over the names and hashes of the files of a scenario's network."""
    path = path_of(scenario, "network")
    files = [] if path is None else files_of(path)
    names = [file.name if path is not None and path.is_dir() else "" for file in files]
    text = "\n".join(f"{name} {hash_of(file)}" for name, file in zip(names, files, strict=True))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def settings_of(scenario: Scenario) -> dict[str, Any]:
    """Return the settings that a run and the state that it begins from have in common."""
    same = {name: getattr(scenario, name) for name in SAME} | {"timezone": scenario.local_timezone}
    outside = homes_may_be_outside(scenario)
    return {**same, "members": scenario.draws, "batteries": placed_batteries(scenario), "homes_outside": outside}


def placed_batteries(scenario: Scenario) -> list[str]:
    """Return the batteries among the measures of a scenario, in their order."""
    return [f"{one.region} {one.size:g} MW" for one in scenario.mitigations if one.kind == "battery"]


def check_texts(texts: Mapping[str, str], problems: Problems, shown: str) -> None:
    """Note attributes that are missing or wrong; another version is told alone, since all else may differ by it."""
    if "format" not in texts or "gridmodel" not in texts:
        problems.add("is not a saved state", table=shown)
        return
    if texts["format"] != FORMAT or texts["gridmodel"] != __version__:
        message = (
            f"was saved by gridmodel {texts['gridmodel'][:40]}, this is {__version__}; save it again by this version"
        )
        problems.add(message, table=shown, field="gridmodel")
        return
    for name in TEXTS:
        if name not in texts:
            problems.add("is missing", table=shown, field=name)
    text = texts.get("elapsed", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_ELAPSED):
        message = f"must be a whole number from 1 to {MAX_ELAPSED:,}"
        problems.add(message, table=shown, field="elapsed", value=text[:40])
    if "time" in texts and not _is_time(texts["time"]):
        problems.add("is not a time", table=shown, field="time", value=texts["time"][:40])


def _is_time(text: str) -> bool:
    """Return whether a text is a UTC time in the years of scenarios."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is not None or not FIRST_YEAR <= time.year <= LAST_YEAR:
            return False
        np.datetime64(text, "s")  # which reads fewer forms
    except ValueError:
        return False
    return True


def check_same(
    scenario: Scenario, texts: Mapping[str, str], network: Network | None, problems: Problems, *, shown: str,
    unknown: set[str],
) -> None:  # fmt: skip
    """Note what the scenario and its network do not have in common with the run that saved a state."""
    if network is not None and texts["network_hash"] != network_hash(scenario):
        message = f"is a state of another network, {texts['network'][:80]}, or of another version of its tables"
        problems.add(message, table=shown, field="network")
    if not unknown & {"start", "timezone"} and np.datetime64(texts["time"], "s") != np.datetime64(
        scenario.start_utc, "s"
    ):
        local = scenario.local(np.array([np.datetime64(texts["time"], "s")]))[0]
        moment = str(local.astype("datetime64[m]")).replace("T", " ")
        message = f"must be the time of the state that the run begins from, {moment}"
        row = scenario.origin.line(["start"])
        problems.add(
            message, table=scenario.origin.shown if row else "", row=row, field="start",
            value=f"{scenario.start:%Y-%m-%d %H:%M}", hint=shown,
        )  # fmt: skip
    saved = parse_json(texts["settings"], shown, most=1_000)
    saved = saved if isinstance(saved, dict) else {}
    members = saved.get("members")
    if not isinstance(members, int) or isinstance(members, bool) or not 1 <= members <= MAX_MEMBERS:
        problems.add("must be a whole number from 1", table=shown, field="settings.members", value=str(members)[:40])
        return
    for name, value in settings_of(scenario).items():
        found = _differs(scenario, saved, name, value)
        if found is not None and name not in unknown and not (name == "batteries" and "mitigations" in unknown):
            field, told, shown_value = found
            row = scenario.origin.line([field])
            message = f"differs from the run that saved the state, which had {told}"
            table = scenario.origin.shown if row else ""
            problems.add(message, table=table, row=row, field=field, value=shown_value)


def _differs(scenario: Scenario, saved: Mapping[str, Any], name: str, value: Any) -> tuple[str, str, str] | None:  # noqa: ANN401 - of any setting
    """Return the field that differs from a state, what the run that saved it had, and its value; None if none does."""
    was = saved.get(name)
    told, field, shown = str(was)[:80], name, ", ".join(value) if isinstance(value, list) else str(value)
    fits = was == value
    if name == "timezone":  # rows of events are in local time; a state that was saved before it was kept does not say
        fits = fits or name not in saved
    if name == "members" and scenario.sampling in {"random", "sobol"}:
        fits = fits or value < was
    if name == "homes_outside":  # another rotation is told by itself
        fits = fits or saved.get("rotation") != scenario.rotation
        shown = ", ".join(f"{share:g}" for share in scenario.shared_feeder_share)
        field, told = "shared_feeder_share", f"{'some' if was else 'no'} homes outside the queues"
    if name == "batteries":
        first = [str(one) for one in was] if isinstance(was, list) else []
        fits = value[: len(first)] == first
        field, told = "mitigations", f"the batteries {', '.join(first)[:80]} first among its measures"
    return None if fits else (field, told, shown)
