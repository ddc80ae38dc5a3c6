"""Pandapower nets that a scenario is given: those with our tables become a folder of them, held in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.content import InMemory
from gridmodel.interchange.adapter.derived import changed_in_vain
from gridmodel.interchange.adapter.plain_tables import plain_of
from gridmodel.interchange.writers.own_tables import has_our_tables, write_and_read

if TYPE_CHECKING:
    from pandapower import pandapowerNet


def own_tables_of(net: pandapowerNet) -> InMemory | None:
    """Return our tables of a net as the files of a folder; None if the net does not contain them.

    Raises
    ------
    InputError
        If they break their schema, or columns were changed that are made of them: a run would not see it.
    """
    plain = plain_of(net)
    if not has_our_tables(plain):
        return None
    changed = changed_in_vain(net)
    if changed:
        message = f"has changes that a scenario does not take, in {', '.join(changed)}: it takes our tables in the net"
        hint = (
            "change what they are made of (region.reference_demand_mw and shares, gen.available_mw and capacity_mw) or "
        )
        hint += "leave rows out; gm.dispatch(net) serves the net as it is"
        raise InputError([Problem(message=message, field="network", hint=hint)])
    with tempfile.TemporaryDirectory(prefix="gridmodel-") as work:
        write_and_read(plain, Path(work))
        files = {path.name: path.read_bytes() for path in sorted(Path(work).iterdir())}
    return InMemory.of("network", "", files)
