"""A network for a run, whatever program wrote it, and nets of pandapower in memory.

What reads other formats is loaded only where a network is not one of the bundled ones, which are tables of our own.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.files import Beside, find, is_bundled
from gridmodel.network.read import Network, examine_network


def examine_runnable(
    name: str | Path, *, beside: Beside = None, regions: str | None = None
) -> tuple[Network | None, list[Problem]]:  # fmt: skip
    """Read a network for a run, whatever program wrote it; result as of `examine_network`.

    Parameters
    ----------
    name, beside
        As of `examine_network`.
    regions
        Column of buses, or CSV file of buses, that gives the regions of a file of another program.

    Warns
    -----
    UserWarning
        Where a part of a file of another program is ignored, or `regions` because the network has regions of its own.
    """
    try:
        path = find("networks", name if isinstance(name, str) else str(name), beside=beside)  # a name may carry content
        if is_bundled(path) or _is_ours(path):
            if regions is not None:
                _tell_unused(regions, path, beside)
            return examine_network(name, beside=beside)
        from gridmodel.interchange.runnable import foreign_network, named_regions

        return foreign_network(path, regions=named_regions(regions, beside)), []
    except InputError as error:
        return None, error.problems


def _tell_unused(regions: str, path: Path, beside: Beside) -> None:
    """Warn that regions are not taken which a user gives beside our own tables; a file of them must be there.

    Raises
    ------
    InputError
        If it is not, or is wrong: a run keeps a copy of it.
    """
    from gridmodel.interchange.runnable import named_regions

    named_regions(regions, beside)
    message = (
        f"regions: {regions[:80]!r} is not used, because {path.name} has regions of its own, in regions.csv and the "
        "column region of buses.csv: change them there, or leave this out"
    )
    warnings.warn(message, UserWarning, stacklevel=1)  # of this line: shown once, however often the network is read


def _is_ours(path: Path) -> bool:
    from gridmodel.interchange.open import is_ours

    return is_ours(path)


def write_net(net: Any, path: Path) -> None:  # noqa: ANN401 - no types in pandapower
    """Write a pandapower net as JSON that `load_network` reads."""
    from gridmodel.interchange.adapter.plain_tables import plain_of
    from gridmodel.interchange.writers.pandapower import write_json

    write_json(plain_of(net), path)
