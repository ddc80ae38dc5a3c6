"""`gridmodel sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import (
    FilePath,
    counted,
    echo,
    echo_problems,
    ended_by_signals,
    json_option,
    print_json,
    print_table,
    report_problems,
    rounded,
)
from gridmodel.commands.progress import UnitBar

if TYPE_CHECKING:
    import xarray as xr

    from gridmodel.arrays import Floats
    from gridmodel.scenario import Scenario
    from gridmodel.studies.sweep import Report
    from gridmodel.studies.sweep.changes import Changes

MOST_SHOWN = 20
"""Most variants and failures that are listed. Ours: about a screen."""
SHOWN = ("energy_not_served", "person_hours_without_heat")
"""Metrics in the table after a sweep."""


@click.command(short_help="Many runs into one store.")
@click.argument("sweep_file", metavar="SWEEP")
@click.option("-o", "--output", required=True, type=FilePath(), help="Folder of the Zarr store.")
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Processes on this machine [1].")
@click.option("--scheduler", help="Address of a Dask scheduler, tls://host:port, instead of --workers.")
@click.option("--trust-network", is_flag=True, help="Use a scheduler without TLS, open to its network.")
@click.option("--resume", is_flag=True, help="Continue an existing store.")
@click.option("--memory", default="2GB", show_default=True, help="Memory of all processes on this machine together.")
@click.option("--members", type=click.IntRange(min=1), help="Monte Carlo members, instead of the scenario's.")
@click.option("--keep", multiple=True, metavar="VARIABLE", help="Hourly variable to keep; repeatable.")
@json_option
@report_problems
def sweep(  # noqa: PLR0913, PLR0917 - one argument an option
    sweep_file: str,
    output: Path,
    workers: int | None,
    scheduler: str | None,
    trust_network: bool,
    resume: bool,
    memory: str,
    members: int | None,
    keep: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run a scenario with changes into one store that can be resumed.

    SWEEP is a YAML file that names a scenario and its changes (grid, variants or samples), or a scenario to run with
    any number of members. Ctrl-C, a crash or a lost machine lose only the units being computed: --resume continues.

    Exit status: 0 done; 1 wrong input, failed units, or a sweep that stopped; 130 Ctrl-C; 143 ended by a signal; 129
    its terminal was closed.
    """
    from gridmodel.errors import InputError
    from gridmodel.studies.sweep import SweepStoppedError, run_sweep

    bar = UnitBar()
    try:
        workers = workers if workers or scheduler else 1
        how: dict[str, Any] = {"workers": workers, "scheduler": scheduler, "resume": resume, "memory": memory,
                               "trust_network": trust_network}  # fmt: skip
        base, changes, kept = _asked(sweep_file, output, keep, members, how)
        with ended_by_signals(), bar as advance:
            report = run_sweep(
                base, changes, output, keep=kept, progress=advance, told=echo_problems, **how,
            )  # fmt: skip
    except (SweepStoppedError, KeyboardInterrupt) as error:
        echo(f"stopped: {str(error) or 'interrupted'}", err=True)
        there = output.exists()
        what = f"Finished units{bar.reached} are kept in {output}; continue with --resume."
        echo(what if there else "Nothing was written.", err=True)
        status = getattr(error, "status", 130) if isinstance(error, KeyboardInterrupt) else 1
        raise SystemExit(status) from None
    try:
        _tell(output, report, as_json=as_json)
    except InputError as error:  # a disk that fails between writing and reading
        echo_problems(error.problems)
        echo(f"Finished units are kept in {output}; continue with --resume.", err=True)
        raise SystemExit(1) from None
    for failure in list(report.failed.values())[:MOST_SHOWN]:
        first, last = failure["members"]
        echo(f"failed: {failure['changes'] or 'base'}, members {first} to {last}: {failure['error']}", err=True)
    if report.failed:
        echo(f"{len(report.failed)} of {report.units} units failed; --resume tries them again.", err=True)
        raise SystemExit(1)


def _asked(
    sweep_file: str, output: Path, keep: tuple[str, ...], members: int | None, how: dict[str, Any]
) -> tuple[Scenario, Changes, tuple[str, ...] | None]:
    """Read a sweep, and check where and how it is to be run, before anything is computed.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    from gridmodel.errors import InputError, Problems
    from gridmodel.simulation.files import quiet_problems
    from gridmodel.studies.sweep import load_sweep
    from gridmodel.studies.sweep.api import asked_wrong

    problems, given = Problems(), {"members": members} if members is not None else {}
    found = problems.of(lambda: load_sweep(sweep_file, keep=keep or None, **given))
    wrong = asked_wrong(output, **how)
    if found is None or wrong:
        raise InputError([*problems.found, *wrong, *([] if found is None else quiet_problems(found[0]))])
    return found


def _tell(store: Path, report: Report, *, as_json: bool) -> None:
    """Print metrics by variant; failed units are listed after it."""
    from gridmodel.studies.sweep.store import open_store

    with open_store(store, quiet=True) as found:
        if as_json:
            print_json(_as_json(found, report, store))
        else:
            _show(found, report, store)


def _variants(found: xr.Dataset) -> list[tuple[dict[str, Any], xr.Dataset]]:
    """Return the changes and metrics of each variant."""
    from itertools import product

    from gridmodel.services.registry import LABELS

    fixed = {"member", "time", "region", "setting", *LABELS}
    dims = [str(dim) for dim in found["energy_not_served"].dims if dim not in fixed]
    rows = []
    for place in product(*(range(found.sizes[dim]) for dim in dims)):
        one = found.isel(dict(zip(dims, place, strict=True)))
        names = [str(name) for name in one.coords if name in dims or "variant" in found[name].dims]
        rows.append(({name: one[name].item() for name in names}, one))
    return rows


def _as_json(found: xr.Dataset, report: Report, store: Path) -> dict[str, Any]:
    from gridmodel.results.metrics import METRIC_NAMES
    from gridmodel.results.statistics import mean_and_error

    rows = []
    for changes, one in _variants(found):
        metrics = {}
        for name in (name for name in METRIC_NAMES if name in one):
            mean, error = mean_and_error(one[name].to_numpy())
            typical, bad = _typical(one[name].to_numpy())
            metrics[name] = {"mean": mean, "standard_error": error, "p50": typical, "p95": bad}
        rows.append({"changes": changes, "metrics": metrics})
    return {"store": str(store), "units": report.units, "failed": list(report.failed.values()), "variants": rows}


def _typical(values: Floats) -> tuple[float, float]:
    """Return the median and the 95 % quantile over the members that are there; missing if none is."""
    import numpy as np

    there = values[~np.isnan(values)]
    return (float(np.quantile(there, 0.50)), float(np.quantile(there, 0.95))) if len(there) else (np.nan, np.nan)


def _show(found: xr.Dataset, report: Report, store: Path) -> None:
    """Print what is typical of two metrics for each variant and, with several members, the bad case."""
    rows = []
    variants = _variants(found)
    names = [name for name in SHOWN if name in found]
    several = found.sizes["member"] > 1
    for changes, one in variants[:MOST_SHOWN]:
        said = ", ".join(f"{name} {value}" for name, value in changes.items()) or str(found.attrs["title"])
        values = [_typical(one[name].to_numpy()) for name in names]
        known = [rounded(middle) + (f" ({rounded(bad)})" if several else "") for middle, bad in values]
        rows.append((said, *known))
    titles = [f">{name.replace('_', ' ')} [{found[name].attrs['units']}]" for name in names]
    typical = "Typical, the median of the members (bad case: one in twenty is worse)"
    print_table(typical if several else "", ("~variant", *titles), rows)
    if len(variants) > MOST_SHOWN:
        echo(f"and {counted(len(variants) - MOST_SHOWN, 'more variant')}")
    members = counted(found.sizes["member"], "member")
    echo(f"{counted(report.done, 'unit')} run, {report.kept} kept; {members}; store: {store}")
