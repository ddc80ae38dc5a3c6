"""`gridmodel network show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    counted,
    echo,
    echo_problems,
    json_option,
    print_json,
    print_table,
    report_problems,
)

if TYPE_CHECKING:
    from gridmodel.interchange import Element

MOST_ROWS = 30
"""Most attached rows of one table that are printed. Ours: about a screen."""
_SHOWN = {
    "regions": ("name_en", "zone", "population", "reference_demand_mw"),
    "buses": ("vn_kv", "region"),
    "lines": ("length_km", "parallel", "max_i_ka"),
    "transformers": ("sn_mva", "vn_hv_kv", "vn_lv_kv", "parallel"),
    "generators": ("technology", "units", "p_max_mw", "p_available_mw"),
    "interconnectors": ("border", "bus", "p_max_mw"),
    "limits": ("kind", "limit_mw"),
    "heat_systems": ("district_heat_share", "source_max_mw_th", "backup_mw"),
    "water_systems": ("demand_m3_per_day", "storage_m3", "backup_mw"),
    "sources": ("publisher", "date"),
    "bus": ("name", "vn_kv", "zone"),
    "load": ("name", "bus", "p_mw", "q_mvar"),
    "gen": ("name", "bus", "p_mw", "max_p_mw"),
    "sgen": ("name", "bus", "p_mw", "max_p_mw"),
    "ext_grid": ("name", "bus", "vm_pu"),
    "line": ("name", "from_bus", "to_bus", "length_km"),
    "trafo": ("name", "hv_bus", "lv_bus", "sn_mva"),
    "trafo3w": ("name", "hv_bus", "mv_bus", "lv_bus"),
    "switch": ("bus", "element", "et", "closed"),
    "shunt": ("name", "bus", "p_mw", "q_mvar"),
    "poly_cost": ("et", "element", "cp1_eur_per_mw"),
}
"""Columns of attached rows that are printed; for other tables, the first few."""
_DERIVED = {
    "people": ("", "People"),
    "need_mw": ("MW", "Demand on the reference day"),
    "capacity_mw": ("MW", "Capacity of generation"),
    "available_mw": ("MW", "Available capacity"),
    "cover": ("", "Available capacity as a share of demand"),
    "vn_kv": ("kV", "Nominal voltage"),
    "rating_mva": ("MVA", "Limit of all circuits or units"),
}
"""Unit and meaning of quantities derived from the fields of an element."""
_FEW = 3
_TEXT = ("name", "name_en", "publisher", "id")
"""Columns that may be long and therefore wrap."""


@click.command("show", short_help="Show a network, or one element of it.")
@click.argument("name")
@click.argument("element", required=False)
@json_option
@report_problems
def show_network(name: str, element: str | None, as_json: bool) -> None:
    """Show a network, or one element of it with everything attached to it.

    NAME is a bundled name, a folder, or a file of another program. ELEMENT is a bus, line, transformer, plant,
    region, zone, limit … by id, number or name; put its table first if several tables have it: UA-30,
    UA-12/nuclear, bus/3, interconnectors/PL-400. It shows the tables, not what depends on an element.

    Bridges and articulation points are counted; --json names them, but only for a network of your own.
    """
    from dataclasses import asdict

    from gridmodel.interchange import find_element
    from gridmodel.interchange.open import read_any
    from gridmodel.network import describe

    read, noted = read_any(name)
    echo_problems(noted)
    if element is None:
        facts = describe(read)
        print_json(facts) if as_json else print_network(facts)
    else:
        found = find_element(read, element)
        print_json(asdict(found)) if as_json else print_element(found)


def print_network(facts: dict[str, Any]) -> None:
    """Print the facts that `gridmodel.network.describe` returned."""
    total, parts = facts["national"], facts["connectivity"]
    levels = ", ".join(f"{count} at {kv} kV" for kv, count in facts["voltage_levels"].items())
    people = f", {total['people']:,} people" if "people" in total else ""
    own = "people" in total
    if own or facts["regions"]:
        echo(f"{facts['name']}: {counted(facts['regions'], 'region')}{people}")
    else:
        echo(f"{facts['name']}: no region is named, so that a run has one")
    echo(f"{counted(facts['buses'], 'bus', 'buses')}: {levels}")
    echo(f"{counted(facts['lines'], 'line')}, {counted(facts['transformers'], 'transformer')}")
    cover = "the outside grid has no limit" if "unlimited_grids" in total else f"cover {_share(total['cover'])}"
    echo(f"Demand{' on the reference day' if own else ''}: {_mw(total['need_mw'])} MW; {cover}")
    if "import_mw" in total:
        echo(f"Imports: up to {total['import_mw']:,.0f} MW, in the cover")
    echo(
        f"{counted(parts['components'], 'connected part')}, {counted(parts['bridges'], 'single corridor')} and "
        f"{counted(parts['articulation_points'], 'bus that connects parts', 'buses that connect parts')}"
    )
    rows = [
        (name, "no limit", "no limit")
        if "unlimited_grids" in each
        else (name, _mw(each["capacity_mw"]), _mw(each["available_mw"]))
        for name, each in facts["technologies"].items()
    ]
    print_table(
        "Generation (available: times the profile of the hour)" if own else "Generation",
        ("Technology", ">capacity, MW", ">available, MW"),
        rows,
    )
    by_region = [
        (key, v.get("name", ""), _mw(v["need_mw"]), _mw(v["available_mw"]), _share(v["cover"]))
        for key, v in facts["by_region"].items()
    ]
    if by_region:
        heads = ("Id", "Name", ">demand, MW", ">available, MW", ">cover")
        kept = [place for place, head in enumerate(heads) if own or head != "Name"]
        print_table("Regions", [heads[n] for n in kept], [[row[n] for n in kept] for row in by_region])


def _mw(value: float) -> str:
    """Return megawatts: whole from a hundred on, below with three digits."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100.0 * value:.0f} %"


def print_element(element: Element) -> None:
    """Print the fields of an element with unit and meaning, derived quantities, and attached rows."""
    from gridmodel.interchange.pandapower_schema import ELEMENTS
    from gridmodel.network import TABLES

    table = TABLES.get(element.table) or ELEMENTS.get(element.table)
    columns = {column.name: column for column in table.columns} if table else {}
    echo(f"{element.table}/{element.id} of {element.network}")
    rows = []
    for name, value in element.fields.items():
        column = columns.get(name)
        unit = column.unit if column and column.unit != "1" else ""
        if name != "source" or "sources" not in element.attached:  # sources are listed below
            rows.append((name, _cell(value), unit, column.meaning if column else ""))
    said = _DERIVED if element.table in TABLES else _DERIVED | {"need_mw": ("MW", "Demand")}
    rows += [(name, _cell(value), *said[name]) for name, value in element.derived.items()]
    print_table("", ("Field", "~Value", "Unit", "~Meaning"), rows)
    for name, attached in element.attached.items():
        shown = _SHOWN.get(name) or tuple(key for key in attached[0] if key != "id")[:_FEW]
        shown = tuple(key for key in shown if any(key in row for row in attached))
        heads = [f"~{key}" if key in _TEXT else f">{key}" if _numeric(attached, key) else key for key in shown]
        cells = [(row["id"], *(_cell(row.get(key, "")) for key in shown)) for row in attached[:MOST_ROWS]]
        print_table(f"{name} ({len(attached)})", ("~id", *heads), cells)
        if len(attached) > MOST_ROWS:
            echo(f"and {len(attached) - MOST_ROWS} more; --json has all")


def _numeric(rows: list[dict[str, Any]], key: str) -> bool:
    return all(isinstance(row.get(key, 0), int | float) and not isinstance(row.get(key), bool) for row in rows)


def _cell(value: object) -> str:
    """Return a value as text: whole numbers without a decimal point, others with up to six digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.6g}"
    return str(value)
