"""Connected parts of a network: over branches in service and closed switches."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gridmodel.interchange.pandapower_schema import SWITCHED, TWO_ENDS
from gridmodel.network.plain import PlainNet


def islands(net: PlainNet) -> dict[int, int]:
    """Return which part of the net each bus in service belongs to, over branches in service and closed switches."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    frame = net.table("bus")
    if not len(frame):
        return {}
    place = {int(bus): position for position, bus in enumerate(frame.index)}
    pairs = [(place[a], place[b]) for a, b in links(net) if a in place and b in place]
    rows, columns = (np.array([pair[n] for pair in pairs], dtype=np.intp) for n in (0, 1))
    _, part = connected_components(
        coo_array((np.ones(len(pairs)), (rows, columns)), shape=(len(frame),) * 2), directed=False
    )
    on = net.active("bus")
    return {int(bus): int(part[position]) for bus, position in place.items() if on[position]}


def links(net: PlainNet) -> Iterable[tuple[int, int]]:
    """Yield pairs of buses that branches in service and closed switches join; parallel circuits give two pairs."""
    switches = net.table("switch")
    closed = net.column("switch", "closed", True).to_numpy(dtype=bool)
    kinds = switches["et"].astype(str).to_numpy() if len(switches) else np.array([], dtype=str)
    for row in map(int, np.flatnonzero((kinds == "b") & closed)):
        yield int(switches["bus"].iloc[row]), int(switches["element"].iloc[row])
    for name, (start, end) in TWO_ENDS.items():
        frame = net.table(name)
        if not len(frame) or name == "dcline":
            continue
        marks = [mark for mark, target in SWITCHED.items() if target == name]
        opened = switches["element"][np.isin(kinds, marks) & ~closed] if len(switches) else []
        on = net.active(name) & ~frame.index.isin(opened)
        twice = net.numbers(name, "parallel", 1.0) > 1
        middle = frame["mv_bus"] if name == "trafo3w" else frame[end]
        for a, b, c, more in zip(frame[start][on], frame[end][on], middle[on], twice[on], strict=True):
            yield int(a), int(b)
            if more or b != c:
                yield int(a), int(c)


def references(net: PlainNet) -> int:
    """Count references beyond the first of each connected part."""
    found = homes(net, islands(net))
    return len(found) - len(set(found))


def homes(net: PlainNet, part: dict[int, int]) -> list[int]:
    """Return the part that each reference is in."""
    found = []
    for table in ("ext_grid", "gen"):
        chosen = net.active(table) & (net.column(table, "slack", table == "ext_grid").to_numpy(dtype=bool))
        found += [part.get(int(bus), -1) for bus in net.table(table)["bus"][chosen]] if len(chosen) else []
    return found
