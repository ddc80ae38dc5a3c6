"""`gridmodel sweep`, `gridmodel quantiles` and `gridmodel sensitivity`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmodel.commands.common import json_option, print_json, print_table, report_problems, rounded

if TYPE_CHECKING:
    import xarray as xr

    from gridmodel.studies.sweep import Report

MOST_SHOWN = 20
"""Variants and failures that are listed."""
SHOWN = ("energy_not_served", "person_hours_without_heat")
"""Metrics of the table after a sweep."""


@click.command(short_help="Many runs into one store.")
@click.argument("sweep_file", metavar="SWEEP")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the Zarr store.")
@click.option("--workers", type=click.IntRange(min=1), default=None, help="Processes of this machine [1].")
@click.option("--scheduler", help="Address of a Dask scheduler, tcp://host:port, in place of --workers.")
@click.option("--resume", is_flag=True, help="Go on with a store that is there.")
@click.option("--memory", default="2GB", show_default=True, help="What all processes here may take together.")
@click.option("--members", type=click.IntRange(min=1), help="Monte Carlo draws, in place of the scenario's.")
@click.option("--keep", multiple=True, metavar="VARIABLE", help="Hourly variable to keep; may be given again.")
@json_option
@report_problems
def sweep(  # noqa: PLR0917 - one argument an option
    sweep_file: str,
    output: Path,
    workers: int | None,
    scheduler: str | None,
    resume: bool,
    memory: str,
    members: int | None,
    keep: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run a scenario with changes into one store that loses nothing.

    SWEEP is a YAML file that names a scenario and what is changed (grid, variants or samples), or a scenario to be
    run with any number of members. Ctrl-C, a crash or a lost machine cost the units at work, no more: --resume goes
    on. Exit status: 0 done, 1 wrong input, units that failed, or a sweep that stopped, 130 Ctrl-C.
    """
    from gridmodel.studies.sweep import SweepStoppedError, load_sweep, open_sweep, run_sweep

    try:
        base, changes, kept = load_sweep(sweep_file, **({"members": members} if members is not None else {}))
        with _Bar() as advance:
            report = run_sweep(
                base, changes, output, keep=keep or kept, workers=workers if workers or scheduler else 1,
                scheduler=scheduler, resume=resume, memory=memory, progress=advance,
            )  # fmt: skip
    except (SweepStoppedError, KeyboardInterrupt) as error:
        click.echo(f"stopped: {str(error) or 'interrupted'}", err=True)
        there = output.exists()
        what = f"What is done is kept in {output}; go on with --resume." if there else "Nothing was written."
        click.echo(what, err=True)
        raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None
    with open_sweep(output) as found:
        if as_json:
            print_json(_as_json(found, report, output))
        else:
            _show(found, report, output)
    for failure in list(report.failed.values())[:MOST_SHOWN]:
        first, last = failure["members"]
        click.echo(f"failed: {failure['changes'] or 'base'}, members {first} to {last}: {failure['error']}", err=True)
    if report.failed:
        click.echo(f"{len(report.failed)} of {report.units} units failed; --resume tries them again.", err=True)
        raise SystemExit(1)


def _variants(found: xr.Dataset) -> list[tuple[dict[str, Any], xr.Dataset]]:
    """Changes and metrics of each variant."""
    from itertools import product

    fixed = {"member", "time", "region", "tier", "setting", "cause", "technology", "archetype", "heat_state"}
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
        metrics = {name: mean_and_error(one[name].to_numpy()) for name in METRIC_NAMES if name in one}
        rows.append(
            {"changes": changes, "metrics": {n: {"mean": m, "standard_error": e} for n, (m, e) in metrics.items()}}
        )
    return {"store": str(store), "units": report.units, "failed": list(report.failed.values()), "variants": rows}


def _show(found: xr.Dataset, report: Report, store: Path) -> None:
    """Print the mean of two metrics for each variant."""
    from gridmodel.results.statistics import mean_and_error

    rows = []
    variants = _variants(found)
    names = [name for name in SHOWN if name in found]
    for changes, one in variants[:MOST_SHOWN]:
        said = ", ".join(f"{name} {value}" for name, value in changes.items()) or str(found.attrs["title"])
        values = [mean_and_error(one[name].to_numpy()) for name in names]
        known = [rounded(mean) + ("" if error is None else f" ± {rounded(error)}") for mean, error in values]
        rows.append((said, *known))
    titles = [f">{name.replace('_', ' ')} [{found[name].attrs['units']}]" for name in names]
    print_table("Mean over members ± standard error", ("~variant", *titles), rows)
    if len(variants) > MOST_SHOWN:
        click.echo(f"and {len(variants) - MOST_SHOWN} more variants")
    click.echo(f"{report.done} units run, {report.kept} were there; {found.sizes['member']} members; store: {store}")


@click.command(short_help="Quantiles over members, hour by hour.")
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("variables", nargs=-1, required=True, metavar="VARIABLE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="netCDF file to write.")
@click.option("--level", "levels", multiple=True, type=click.FloatRange(0, 1), help="Quantile; may be given again.")
@report_problems
def quantiles(store: Path, variables: tuple[str, ...], output: Path, levels: tuple[float, ...]) -> None:
    """Quantiles over members, hour by hour, out of a sweep or a run.

    The store is read by region and block of time, so that any number of members fits. Without --level: 0.05, 0.5, 0.95.
    """
    from gridmodel.results.statistics import member_quantiles

    with _opened(store) as found, _Bar() as advance:
        made = member_quantiles(found, variables, levels or (0.05, 0.5, 0.95), progress=lambda a, b: advance(a, b, 0))
    partial = output.with_name(f"{output.name}.partial")
    made.to_netcdf(partial, engine="netcdf4")
    partial.replace(output)
    click.echo(f"Wrote {output}: {', '.join(variables)}")


def _opened(path: Path) -> xr.Dataset:
    """Open a sweep's store or a run folder."""
    from gridmodel.results.run_folder import read_result
    from gridmodel.studies.sweep import open_sweep

    return open_sweep(path) if (path / "zarr.json").is_file() else read_result(path)


@click.command(short_help="Which unknown moves a metric most.")
@click.argument("store", type=click.Path(path_type=Path))
@click.option("--metric", default="energy_not_served", show_default=True, help="Metric to explain.")
@json_option
@report_problems
def sensitivity(store: Path, metric: str, as_json: bool) -> None:
    """Which unknown moves a metric most: STORE is a sweep without changes, or a run folder.

    Of a scenario with "sampling: saltelli" these are Sobol's first- and total-order indices, of any other the
    first-order ones that its members allow. Ranges hold 95 %.
    """
    import numpy as np

    from gridmodel.studies.sensitivity import sensitivity as influence

    with _opened(store) as found:
        table = influence(found, metric)
    if as_json:
        known = {str(name): {str(key): None if np.isnan(value) else float(value) for key, value in row.items()}
                 for name, row in table.to_dict("index").items()}  # fmt: skip
        print_json({"metric": metric, "method": table.attrs["method"], "settings": known})
        return
    rows = []
    for name, row in table.iterrows():
        cells = [f"{row[f'{kind}']:.2f} ± {row[f'{kind}_error']:.2f}" for kind in ("first_order", "total_order")
                 if not np.isnan(row[kind])]  # fmt: skip
        rows.append((str(name), *cells, *[""] * (2 - len(cells))))
    print_table(f"What moves {metric} ({table.attrs['method']})", ("setting", ">first order", ">total order"), rows)


class _Bar:
    """Progress bar on stderr with rate and time left, silent when that is no terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        terminal = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(), console=terminal, transient=True, disable=not terminal.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("units", total=None, rate="")
        self._begun = -1

    def __enter__(self) -> _Bar:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()
        sys.stderr.flush()

    def __call__(self, done: int, total: int, failed: int) -> None:
        if self._begun < 0:
            self._begun = done
        elapsed = self._bar.tasks[0].elapsed or 0.0
        rate = f"{60 * (done - self._begun) / elapsed:.1f} a minute" if elapsed > 1 and done > self._begun else ""
        said = f"units, {failed} failed" if failed else "units"
        self._bar.update(self._task, completed=done, total=total, description=said, rate=rate)
