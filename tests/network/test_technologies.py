"""A network that lists its own technologies."""

import json

import numpy as np
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.network.fleet import build_fleet
from gridmodel.scenario import make_scenario
from gridmodel.vocabulary import TECHNOLOGIES

HEAD = "id,inertia_s,gas_fired,charges,efficiency,source,confidence"
GEOTHERMAL = "geothermal,3,,,,OURS,assumed"  # the inertia of hydro
OUTAGE = {"time": "2026-01-05 06:00", "kind": "outage", "share": 0.5, "duration_h": 6}


def lists(folder, *rows, head=HEAD):
    """Write the table of technologies."""
    (folder / "technologies.csv").write_text("\n".join([head, *rows]) + "\n")
    return folder


def turn(folder, old, new):
    """Give the generators of a technology another."""
    path = folder / "generators.csv"
    path.write_text(path.read_text().replace(f"/{old},", f"/{new},").replace(f",{old},", f",{new},"))
    return folder


def same(one, other, old, new):
    """Compare two results, whose technologies have other names and are otherwise the same."""
    for name in one.data_vars:
        mine, theirs = one[name], other[name]
        if "technology" in mine.dims:
            extra = theirs.sel(technology=old)
            assert not np.nan_to_num(extra).any(), name
            wanted = [new if label == old else label for label in mine["technology"].to_numpy()]
            theirs = theirs.sel(technology=wanted)
        if name in ("cascade_technology",):
            np.testing.assert_array_equal([new if one == old else one for one in mine.to_numpy()], theirs.to_numpy())
        else:
            np.testing.assert_array_equal(mine.to_numpy(), theirs.to_numpy(), err_msg=name)


@pytest.fixture
def geothermal(folder):
    """Three regions whose hydro is geothermal, of the same numbers."""
    return str(lists(turn(folder, "hydro", "geothermal"), GEOTHERMAL))


def changed(settings, name):
    """Return settings with the name of a technology in place of NAME."""
    return json.loads(json.dumps(settings).replace("NAME", name))


@pytest.mark.parametrize(
    "settings",
    [
        {"events": [OUTAGE | {"target": "TR-3/NAME"}]},
        {"events": [OUTAGE | {"target": "TR/generation"}], "availability": {"NAME": 0.8}},
        {
            "deterministic": False, "members": 3, "availability": {"NAME": {"uniform": [0.5, 0.9]}},
            "forced_outages": {"NAME": {"mttf_h": 30, "mttr_h": 10, "cold_rate_per_k": 0.1}},
        },
        {"cascade": "full", "events": [OUTAGE | {"target": "TR-3/NAME", "share": 1.0}]},
        {
            "deterministic": False, "members": 3, "repair_days": {"NAME": {"moderate": [0.1, 0.1]}},
            "events": [{"time": "2026-01-05 02:00", "target": "TR-3/NAME", "kind": "strike",
                        "hits_before_interception": 6, "interception": 0.2}],
        },
    ],
    ids=["outage", "generation", "forced", "cascade", "strike"],
)  # fmt: skip
def test_geothermal_with_the_numbers_of_hydro_gives_what_hydro_gives(geothermal, three, settings, monkeypatch):
    # random streams are named after settings: the same draws need the same names
    import gridmodel.sampling as sampling

    was = sampling.purpose_of

    def renamed(name):
        return was(name.replace("geothermal", "hydro"))

    for module in ("gridmodel.sampling", "gridmodel.events.failures", "gridmodel.services.supply"):
        monkeypatch.setattr(f"{module}.purpose_of", renamed)
    hydro = gm.run(three(**changed(settings, "hydro")))
    own = gm.run(three(network=geothermal, **changed(settings, "geothermal")))
    assert list(own["technology"].to_numpy()) == [*TECHNOLOGIES, "geothermal"]
    assert float(own["generation_mw"].sel(technology="geothermal").max()) > 0
    left = {"repair_class", "setting_value"}
    same(hydro.drop_vars(left, errors="ignore"), own.drop_vars(left, errors="ignore"), "hydro", "geothermal")
    if "repair_class" in hydro:
        for result, name in ((hydro, "hydro"), (own, "geothermal")):
            words = result["repair_class"].attrs["flag_meanings"].split()
            assert {words[number] for number in result["repair_class"].to_numpy()} == {name}


def test_a_network_that_lists_none_has_the_twelve(three):
    assert tuple(gm.run(three())["technology"].to_numpy()) == TECHNOLOGIES
