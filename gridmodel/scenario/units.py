"""Units and short meanings of settings, for coordinates of results."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gridmodel.scenario.grouped import text_of
from gridmodel.scenario.model import Scenario, drawable

CF_UNITS: Mapping[str, str] = {
    "°C": "degC", "W/m²": "W m-2", "1/h": "h-1", "1/K": "K-1", "1/Hz": "Hz-1", "W/(m² K)": "W m-2 K-1",
    "GW/K": "GW K-1", "m³/h": "m3 h-1", "m/s": "m s-1", "MWh": "MW h",
}  # fmt: skip
"""Units of the texts of settings as the CF conventions write them, where they differ."""
_UNIT = re.compile(r"\[(1|h|d|s|K|Hz|W|kW|MW|MWh|°C|W/m²|1/h|1/K|1/Hz|W/\(m² K\)|GW/K|m³/h|m/s)\]")
_ENDS = {"_mw": "MW", "_h": "h", "_c": "degC", "_days": "d", "_kw": "kW", "_hz": "Hz"}
"""Units by the end of a name, for a text that states none."""


def unit_of(setting: str) -> str:
    """Return the unit of a setting by its path, as the CF conventions write it; empty for a text or a date.

    Examples
    --------
    >>> unit_of("set_point_c"), unit_of("import_limit_mw"), unit_of("availability.hydro"), unit_of("weather")
    ('degC', 'MW', '1', '')
    """
    name, dot, _ = setting.partition(".")
    field = Scenario.model_fields.get(name)
    if field is None:
        return ""
    found = _UNIT.search(text_of(field))
    if found and not dot:
        return CF_UNITS.get(found[1], found[1])
    ends = next((unit for end, unit in _ENDS.items() if setting.endswith(end)), "")
    numeric = setting in drawable() or name in {"seed", "members", "vulnerable_weight"}
    return ends or ("1" if numeric else "")


def label_attributes(setting: str) -> dict[str, str]:
    """Return the attributes of a setting that is a coordinate: its unit and its meaning in a few words."""
    field = Scenario.model_fields.get(setting.partition(".")[0])
    if field is None:
        return {"long_name": "Number of the variant", "units": "1"} if setting == "variant" else {}
    words = re.split(r"[\[;:.]", text_of(field))[0].strip()
    unit = unit_of(setting)
    return {"long_name": words or setting, **({"units": unit} if unit else {})}
