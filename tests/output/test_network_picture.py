import shutil
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pandapower as pp
import pytest
from click.testing import CliRunner
from matplotlib.collections import LineCollection
from nets import bundled, empty, published

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.interchange.open import read_any
from gridmodel.network import build_grid, read_network
from gridmodel.output.network_picture import map_and_state
from gridmodel.output.network_picture.layout import bus_map, region_map

SIGNS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".html": b"<!doctype html>"}
MARKS = {".svg": pytest.mark.long, ".pdf": pytest.mark.gate, ".html": pytest.mark.long}


def plot(*words):
    return CliRunner().invoke(main, ["network", "plot", *map(str, words)])


@pytest.fixture(scope="module")
def folder(run_of_three):
    """A run folder of the bundled three regions."""
    return run_of_three


def texts(figure):
    """Names on a picture, as they are placed."""
    return [text for text in figure.axes[0].texts if text.get_text()]


@pytest.mark.parametrize("suffix", [pytest.param(one, marks=MARKS[one]) if one in MARKS else one for one in SIGNS])
@pytest.mark.gate  # at each edit: the functions that it calls
def test_the_command_writes_each_format_with_and_without_a_run(folder, tmp_path, suffix):
    for name, words in (("plain", []), ("run", ["--run", folder])):
        target = tmp_path / f"{name}{suffix}"
        got = plot("three-region", "-o", target, *words)
        assert got.exit_code == 0, got.output
        assert target.read_bytes().startswith(SIGNS[suffix])


def test_every_region_stands_at_its_centre_and_corridors_join_them_by_voltage():
    network = read_network("ukraine")
    drawn = region_map(network)
    regions = network.tables["regions"]
    own = drawn.nodes[drawn.nodes["kind"] == "region"]
    np.testing.assert_allclose(own["y"], regions["centre_lat"])
    assert np.corrcoef(own["x"], regions["centre_lon"])[0, 1] == pytest.approx(1.0)
    branches = [place for places in drawn.corridors["branches"] for place in places]
    grid = build_grid(network)[0]
    assert len(branches) == len(set(branches))
    assert len(branches) + drawn.inside == len(grid.rating_mw)
    assert drawn.inside == len(network.tables["transformers"])  # all within their regions
    lviv, rivne = (list(drawn.nodes["label"]).index(name) for name in ("Lviv", "Rivne"))
    pair = drawn.corridors[
        (drawn.corridors["start"] == min(lviv, rivne)) & (drawn.corridors["end"] == max(lviv, rivne))
    ]
    assert sorted(pair["vn_kv"]) == [330.0, 750.0]


@pytest.mark.gate  # at each edit: names of nodes side by side
def test_names_on_the_map_of_ukraine_cover_neither_each_other_nor_other_nodes():
    figure = gm.plot.network("ukraine")
    renderer = figure.canvas.get_renderer()
    boxes = {text: text.get_window_extent(renderer) for text in texts(figure)}
    assert len(boxes) == len(region_map(read_network("ukraine")).nodes)
    for one, box in boxes.items():
        assert not [other.get_text() for other in boxes if other is not one and boxes[other].overlaps(box)], (
            one.get_text()
        )
    nodes = figure.axes[0].transData.transform(region_map(read_network("ukraine")).nodes[["x", "y"]].to_numpy())
    for text, box in boxes.items():
        own = figure.axes[0].transData.transform(text.xy)
        hidden = [node for node in nodes if box.contains(*node) and not np.allclose(node, own)]
        assert not hidden, text.get_text()


def test_names_of_nodes_side_by_side_are_moved_apart():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from gridmodel.output.network_picture.labels import place_labels

    figure = Figure(figsize=(5, 5))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 360), ylim=(0, 360))  # points
    spots = np.array([[180.0, 180.0 + 6 * place] for place in range(4)])
    place_labels(axes, spots, ["a long name of a node"] * 4, np.full(4, 2.0), [])
    boxes = [text.get_window_extent(figure.canvas.get_renderer()) for text in axes.texts]
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


def test_the_loading_shown_is_flow_over_the_limit_that_is_left(folder, three):
    result = gm.run(
        three(events=[{"time": "2026-01-05 00:00", "target": "TR-1/transfer", "kind": "limit", "share": 0.5}])
    )
    drawn, state = map_and_state("three-region", result)
    from gridmodel.studies.ac_check import dispatched

    made, now, power = dispatched(result)
    ids = list(made.parts["power"].index.branches)
    assert power.branch_share.min() == 0.5
    for row, places in enumerate(drawn.corridors["branches"]):
        network = read_network("three-region").tables["lines"].set_index("id")
        line = network.loc[ids[places[0]]]
        limit = 3**0.5 * 330 * line["max_i_ka"] * line["parallel"] * line["max_loading_percent"] / 100
        left = power.branch_share[0, places[0]]
        assert state.loading[row] == pytest.approx(abs(power.flow_mw[0, places[0]]) / (limit * left))
    assert state.loading.max() <= 1.0 + 1e-6
    one = result.isel(member=0, time=now)
    np.testing.assert_allclose(state.shed_mw, one["shed_mw"].sum("tier"))
    np.testing.assert_allclose(state.shed_share, one["shed_mw"].sum("tier") / one["demand_mw"].sum("tier"))


def test_what_is_out_is_drawn_as_out_and_has_no_loading(three):
    result = gm.run(
        three(events=[{"time": "2026-01-05 00:00", "target": "TR-1/transfer", "kind": "limit", "share": 0.0}])
    )
    _, state = map_and_state("three-region", result)
    assert np.isnan(state.loading).any()
    figure = gm.plot.network("three-region", result)
    said = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert "out of service" in said
    dashed = [
        part for part in figure.axes[0].collections if isinstance(part, LineCollection) and part.get_linestyle()[0][1]
    ]
    assert sum(len(part.get_segments()) for part in dashed) == np.isnan(state.loading).sum()


def test_an_hour_is_named_by_local_time_step_or_worst(folder):
    result = gm.run("three-region")
    local = str(result["local_time"].to_numpy()[5])[:16].replace("T", " ")
    by_time, by_step = (map_and_state("three-region", result, hour=hour)[1] for hour in (local, 5))
    assert by_time.title == by_step.title
    assert local in by_time.title
    shed = result.isel(member=0)["shed_mw"].sum(("region", "tier")).to_numpy()
    worst = map_and_state("three-region", result)[1]
    assert worst.shed_mw.sum() == pytest.approx(shed.max())


def test_what_does_not_go_together_is_said_at_once_and_nothing_is_written(folder, tmp_path):
    target = tmp_path / "x.gif"
    got = plot("three-region", "-o", target, "--hour", "worst", "--member", "1")
    assert (got.exit_code, target.exists()) == (1, False)
    for words in ("must end in", "--hour", "--member"):
        assert words in got.output
    assert "goes with a .png" in plot("three-region", "-o", tmp_path / "x.svg", "--dpi", "99").output
    for hour in ("2031-01-01 00:00", "99999", "9" * 40, "9" * 5000):
        got = plot("three-region", "-o", tmp_path / "x.png", "--run", folder, "--hour", hour)
        assert (got.exit_code, "hour: " in got.output, "is not a step of the run" in got.output) == (1, True, True)
    got = plot("three-region", "-o", tmp_path / "x.png", "--run", folder, "--member", "77", "--hour", "2031")
    assert (got.exit_code, "member: " in got.output, "hour: " in got.output) == (1, True, True)
    assert plot("three-region", "-o", tmp_path / "no" / "x.png").exit_code == 1
    assert not (tmp_path / "x.png").exists()


@pytest.mark.gate  # at each edit: what does not go together is said
def test_a_run_of_another_network_is_refused(folder, tmp_path):
    got = plot("ukraine", "-o", tmp_path / "x.png", "--run", folder)
    assert (got.exit_code, "different regions" in got.output) == (1, True)
    twin = tmp_path / "twin"
    shutil.copytree(ROOT / "networks" / "three-region", twin)
    got = plot(twin, "-o", tmp_path / "x.png", "--run", folder)
    assert (got.exit_code, "is the network of the run" in got.output) == (1, True)
    pp.to_json(published("case9"), tmp_path / "net.json")
    got = plot(tmp_path / "net.json", "-o", tmp_path / "x.png", "--run", folder)
    assert (got.exit_code, "only possible with the tables of gridmodel" in got.output) == (1, True)


def test_buses_stand_at_the_coordinates_of_the_file_and_those_without_between_their_neighbours(tmp_path):
    net = published("case9")
    pp.to_json(net, tmp_path / "net.json")
    drawn = bus_map(read_any(tmp_path / "net.json")[0])
    assert "coordinates of the file" in drawn.note
    assert "layout" not in drawn.note
    import json

    wanted = [json.loads(cell)["coordinates"] for cell in net.bus["geo"]]
    np.testing.assert_allclose(drawn.nodes["y"], [pair[1] for pair in wanted])
    net.bus.loc[0, "geo"] = None  # bus 0 hangs on bus 3 alone
    pp.to_json(net, tmp_path / "net.json")
    drawn = bus_map(read_any(tmp_path / "net.json")[0])
    assert "1 without coordinates" in drawn.note
    assert drawn.nodes["y"][0] == pytest.approx(wanted[3][1])


@pytest.mark.gate  # at each edit: the same picture has the same bytes
def test_a_file_without_coordinates_is_laid_out_the_same_every_time_and_says_so(tmp_path):
    net = published("case39")
    net.bus["geo"] = None
    lone = pp.create_bus(net, 345.0)
    pp.to_json(net, tmp_path / "net.json")
    plain = read_any(tmp_path / "net.json")[0]
    one, other = bus_map(plain), bus_map(plain)
    assert "not a map" in one.note
    np.testing.assert_array_equal(one.nodes[["x", "y"]], other.nodes[["x", "y"]])
    spots = one.nodes[["x", "y"]].to_numpy()
    apart = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1)) + np.eye(len(spots)) * 9
    assert apart.min() > 0.05
    assert spots[lone, 0] > spots[:lone, 0].max()  # a part by itself stands aside
    assert one.note in "".join(text.get_text() for text in gm.plot.network(tmp_path / "net.json").texts)


def test_too_many_buses_without_coordinates_are_refused(tmp_path):
    net = empty()
    pp.create_buses(net, 3001, vn_kv=110.0)
    pp.to_json(net, tmp_path / "net.json")
    got = plot(tmp_path / "net.json", "-o", tmp_path / "x.png")
    assert (got.exit_code, "no coordinates" in got.output) == (1, True)


@pytest.mark.gate  # at each edit: what is out is drawn as out
def test_everything_that_joins_buses_is_drawn_and_what_is_open_is_out(tmp_path):
    net = published("example_multivoltage")
    pp.to_json(net, tmp_path / "net.json")
    drawn = bus_map(read_any(tmp_path / "net.json")[0])
    assert set(drawn.corridors["kind"]) == {"line", "transformer", "switch"}
    couplers = net.switch[net.switch["et"] == "b"]
    assert (drawn.corridors["kind"] == "switch").sum() == len(couplers)
    assert (~drawn.corridors[drawn.corridors["kind"] == "switch"]["in_service"]).sum() == (~couplers["closed"]).sum()
    three = drawn.corridors[drawn.corridors["kind"] == "transformer"]
    assert len(three) == len(net.trafo) + 2 * len(net.trafo3w)


class Page(HTMLParser):
    """Tags, addresses and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.asked, self.text = set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.asked += [value for name, value in attrs if name in {"src", "href"} and not (value or "").startswith("#")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_loads_nothing_and_gives_the_numbers_by_region(folder, tmp_path):
    target = tmp_path / "x.html"
    assert plot("three-region", "-o", target, "--run", folder).exit_code == 0
    page = Page(target.read_text(encoding="utf-8"))
    assert page.asked == []
    assert "script" not in page.tags
    assert {"svg", "table"} <= page.tags
    for name in ("Northland", "Westland", "Eastland"):
        assert name in page.text
    assert "img-src data:" in target.read_text(encoding="utf-8")  # bars of colours are pictures inside the page
    assert "Corridors" not in page.text  # a bundled network: by region only


@pytest.mark.gate  # at each edit: every region stands at its centre
def test_a_network_of_ones_own_has_its_corridors_listed(folder, tmp_path):
    twin = tmp_path / "mine"
    shutil.copytree(ROOT / "networks" / "three-region", twin)
    assert plot(twin, "-o", tmp_path / "x.html").exit_code == 0
    page = Page((tmp_path / "x.html").read_text(encoding="utf-8"))
    assert "Corridors" in page.text
    assert "Northland – Westland" in page.text


@pytest.mark.gate  # at each edit: names on a page, in `test_report.py`
def test_names_of_a_file_are_neither_html_nor_mathematics(tmp_path):
    net = published("case9")
    evil = "</svg><script>alert(1)</script>$\\frac{$ --> & \u2028"
    net.name = evil
    net.bus["name"] = [f"{evil} {number}" for number in net.bus.index]
    pp.to_json(net, tmp_path / "net.json")
    for suffix in SIGNS:
        got = plot(tmp_path / "net.json", "-o", tmp_path / f"x{suffix}")
        assert got.exit_code == 0, got.output
    ET.parse(tmp_path / "x.svg")  # noqa: S314 - made here
    page = Page((tmp_path / "x.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert any(evil in text for text in page.text)


def test_the_same_picture_has_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        plot("three-region", "-o", tmp_path / f"{name}.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "other.html").read_bytes()


def test_a_net_in_memory_and_tables_are_drawn_too():
    assert len(texts(gm.plot.network(published("case9")))) == 9
    assert len(texts(gm.plot.network(read_network("three-region")))) == 4
    net = bundled("three-region")
    assert len(texts(gm.plot.network(net))) == len(net.bus)
