import copy
import json
import pickle
from html.parser import HTMLParser

import numpy as np
import pandapower as pp
import pytest
from nets import bundled, published

import gridmodel as gm
from gridmodel.network import read_network

EVIL = '<img src=x onerror="alert(1)"></table><script>alert(2)</script>&amp;'


class Reader(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.open = set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.open.append(tag)
        assert not {name for name, _ in attrs} - {"scope"}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("load", [bundled, read_network])
def test_a_network_shows_itself_in_a_notebook_as_a_short_table(load):
    shown = load("ukraine")._repr_html_()
    page = Reader(shown)
    assert page.open == []
    assert page.tags == {"div", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    for words in ("ukraine", "750 kV", "nuclear", "Connected parts", "24"):
        assert words in page.text
    assert len(shown) < 5000


def test_names_of_a_file_are_text_and_no_html(tmp_path):
    net = published("case9")
    net.name = EVIL
    net.gen["type"] = EVIL
    net.bus["zone"] = EVIL
    pp.to_json(net, tmp_path / "net.json")
    page = Reader(gm.load_network(tmp_path / "net.json")._repr_html_())
    assert page.tags == {"div", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.text.count(EVIL) == 2  # the name, and a kind of generation


def test_the_name_of_a_folder_is_text_and_no_html(folder):
    target = folder.parent / "<b>bold<b>"
    folder.rename(target)
    page = Reader(read_network(target)._repr_html_())
    assert "b" not in page.tags
    assert "<b>bold<b>" in page.text


def test_a_net_with_more_kinds_than_fit_counts_the_rest():
    net = published("case118")
    net.gen["type"] = [f"kind {number}" for number in net.gen.index]
    page = bundled("three-region")
    page.gen = net.gen
    assert "and 34 more" in Reader(page._repr_html_()).text


def test_the_net_is_pandapowers_own_to_everything_else(tmp_path):
    net = bundled("three-region")
    assert isinstance(net, pp.pandapowerNet)
    pp.runpp(net, numba=False)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):  # noqa: S301 - made here
        assert type(twin) is type(net)
        np.testing.assert_array_equal(twin.res_bus["vm_pu"], net.res_bus["vm_pu"])
    pp.to_json(net, tmp_path / "net.json")
    said = json.loads((tmp_path / "net.json").read_text(encoding="utf-8"))
    assert (said["_module"], said["_class"]) == ("pandapower.auxiliary", "pandapowerNet")
    again = pp.from_json(tmp_path / "net.json")
    assert type(again) is pp.pandapowerNet
    pp.runpp(again, numba=False)
    np.testing.assert_allclose(again.res_bus["vm_pu"], net.res_bus["vm_pu"], rtol=0, atol=1e-12)


def test_the_net_that_is_read_has_the_tables_that_were_built():
    from gridmodel.interchange import to_pandapower

    built, read = to_pandapower(read_network("three-region")), gm.load_network("three-region")
    assert pp.toolbox.nets_equal(built, read)
    assert set(built) == set(read)
