"""`gridmodel sensitivity`."""

from __future__ import annotations

from pathlib import Path

import click

from gridmodel.commands.common import FilePath, echo, json_option, print_json, print_table, report_problems
from gridmodel.commands.opened import opened


@click.command(short_help="Rank settings by effect on a metric.")
@click.argument("store", type=FilePath())
@click.option("--metric", default="energy_not_served", show_default=True, help="Metric to explain.")
@json_option
@report_problems
def sensitivity(store: Path, metric: str, as_json: bool) -> None:
    """Compute which uncertain settings a metric is most sensitive to.

    STORE is a sweep without changes, or the folder of a run. For a scenario with "sampling: saltelli" the indices are
    Sobol's first- and total-order indices, for any other the first-order ones estimated from its members. Ranges
    cover 95 %.
    """
    import numpy as np

    from gridmodel.studies.sensitivity import sensitivity as indices

    with opened(store) as found:
        table = indices(found, metric)
    if as_json:
        known = {str(name): {str(key): None if np.isnan(value) else float(value) for key, value in row.items()}
                 for name, row in table.to_dict("index").items()}  # fmt: skip
        print_json({"metric": metric, "method": table.attrs["method"], "settings": known})
        return
    kinds = ["first_order", *(["total_order"] if table["total_order"].notna().any() else [])]
    rows = []
    for name, row in table.iterrows():
        cells = ("" if np.isnan(row[kind]) else f"{row[kind]:.2f} ± {row[f'{kind}_error']:.2f}" for kind in kinds)
        rows.append((str(name), *cells))
    echo(f"Sensitivity of {metric}: {table.attrs['method']}")
    print_table("", ("setting", *(f">{kind.replace('_', ' ')}" for kind in kinds)), rows)
