"""What tests share: a network to break, scenarios to run, one cached run of the bundled January and its page."""

from __future__ import annotations

import gc
import os
import pickle
import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from browsing import BROWSER
from click.testing import CliRunner
from examples import OneRun
from hypothesis import HealthCheck, settings

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT
from gridmodel.scenario import make_scenario

LONG = bool(os.environ.get("GRIDMODEL_LONG"))

EXAMPLES = int(os.environ.get("GRIDMODEL_EXAMPLES", "500" if LONG else "10"))


def sampled(cases, every, *, first=0, edit=1):
    """Give the cases of a test, of which the gate tries each so-manieth, from the first on, and the long suite all.

    Of those of the gate, each edit tries one in `edit`.
    """
    return [
        pytest.param(case, marks=pytest.mark.long)
        if place % every != first
        else pytest.param(case, marks=pytest.mark.gate)
        if place // every % edit
        else case
        for place, case in enumerate(cases)
    ]


def at_gate(cases, every, *, first=0):
    """Give the cases of a test, of which each edit tries each so-manieth, from the first on, and the gate all."""
    return [
        case if place % every == first else pytest.param(case, marks=pytest.mark.gate)
        for place, case in enumerate(cases)
    ]


settings.register_profile(
    "bounded", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("bounded")


def pytest_configure(config: pytest.Config) -> None:
    """Share one run among the examples of docstrings, which lie outside this folder."""
    config.pluginmanager.register(OneRun())


def pytest_collection_finish() -> None:
    """Leave alone what is imported by now: it outlives every test, and garbage is looked for thousands of times."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A user's own copy of the three-region network."""
    target = tmp_path / "mine"
    shutil.copytree(ROOT / "networks" / "three-region", target)
    return target


@pytest.fixture
def replace_cell(folder: Path) -> Callable[[str, int, str, str], None]:
    """Write one cell of one table: file, line, column, value."""

    def write(table: str, line: int, column: str, value: str) -> None:
        path = folder / f"{table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        place = lines[0].split(",").index(column)
        cells = lines[line - 1].split(",")
        cells[place] = value
        lines[line - 1] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    return write


@pytest.fixture
def three() -> Callable[..., gm.Scenario]:
    """A scenario on the three-region network, with changes."""

    def make(**changes: Any) -> gm.Scenario:
        settings_ = {
            "name": "by hand", "network": "three-region", "weather": "three-region", "timezone": "UTC",
            "start": "2026-01-05 00:00", "end": "2026-01-06 00:00", "deterministic": True, "rotation": "mean",
        }  # fmt: skip
        return make_scenario(settings_ | changes)

    return make


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Have one of the processes of the tests make a file or folder; the others wait for it. It is to be read only."""
    from fcntl import LOCK_EX, flock  # which not every system has

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], object]) -> Path:
        with (shared / f"{name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            if not (shared / f"{name}.made").exists():
                make(shared / name)
                (shared / f"{name}.made").touch()
        return shared / name

    return made


@pytest.fixture(scope="session")
def run_of_three(once) -> Path:
    """The run folder that the command makes of the bundled three regions, to be read only."""

    def make(place: Path) -> None:
        place.mkdir()
        with chdir(place):
            got = CliRunner().invoke(main, ["run", "three-region"], catch_exceptions=False)
        assert got.exit_code == 0, got.output
        (place / "said.txt").write_text(got.stdout, encoding="utf-8")

    return once("three", make) / "runs" / "three-region"


@pytest.fixture(scope="session")
def said_of_three(run_of_three) -> str:
    """What the command printed as it made that run."""
    return (run_of_three.parents[1] / "said.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def january(once) -> xr.Dataset:
    """The bundled January 2026, 10 of its members, cuts spread over all homes; runs in turns have tests of their own."""

    def make(path: Path) -> None:
        result = gm.run(gm.load_scenario("january-2026").replace(members=10, rotation="mean"))
        path.write_bytes(pickle.dumps(result))

    return pickle.loads(once("january.pickle", make).read_bytes())  # noqa: S301 - made here


@pytest.fixture(scope="session")
def page_of_january(january, once) -> Path:
    """The report of that run, with a marking."""
    from gridmodel.results.run_folder import manifest

    def make(path: Path) -> None:
        made = manifest(gm.load_scenario("january-2026"), command=["gridmodel", "run"], seconds={})
        gm.report.write(january, path, manifest=made, marking="For <b>official</b> use")

    return once("january.html", make)


@pytest.fixture(scope="module")
def browser():
    """Chromium; its driver holds an event loop, so no other module's tests run beside it."""
    assert BROWSER is not None, "no Chromium: make browser installs one"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=BROWSER,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield started
        started.close()


@pytest.fixture
def open_page(browser, page_of_january):
    """Open the report without a network; what the console says and what it asks for is kept."""
    contexts = []

    def go(*, width=1100, height=800, scheme="light", path=page_of_january):
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True, color_scheme=scheme)
        contexts.append(context)
        shown = context.new_page()
        shown.said, shown.asked = [], []
        shown.on("console", lambda message: shown.said.append(message.text))
        shown.on("pageerror", lambda error: shown.said.append(str(error)))
        shown.on("request", lambda request: shown.asked.append(request.url))
        shown.goto(path.as_uri())
        shown.wait_for_selector("#c-hours svg")
        shown.wait_for_selector("#c-causes svg")
        return shown

    yield go
    for context in contexts:
        context.close()
