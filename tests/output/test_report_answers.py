import re

import numpy as np
import pytest
from browsing import needs_browser, t_of
from conftest import sampled

import gridmodel as gm
from gridmodel.commands.run import run
from gridmodel.output.report import payload
from gridmodel.output.report.advice import FLAGS, plan_command
from gridmodel.results.needs import needs


def part_of(moment):
    """A local time as the part of its day."""
    return f"{moment:%-d %b}, {('early hours', 'morning', 'afternoon', 'evening')[moment.hour // 6]}"


def told_time(row, name):
    """A time of a deadline, rounded down: to the hour where members agree within six, else to the part of the day."""
    agreed = row["hours_p50"] - row["hours_p05"] <= 6  # false where one is missing
    return f"{row[name]:%-d %b, %H}:00" if agreed else part_of(row[name])


def told(shown):
    """Questions of the first screen and their answers, in which numbers keep their units by spaces that do not break."""
    found = shown.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#what dt')].map(q => [q.textContent, q.nextElementSibling.textContent]))"
    )
    return {question: answer.replace("\u00a0", " ") for question, answer in found.items()}


def thousands(value):
    return f"{float(f'{value:.3g}'):,.0f}"


def bad(row, show):
    """The bad case in brackets, where it is printed otherwise than what is typical."""
    return "" if show(row["p50"]) == show(row["p95"]) else f" (bad case {show(row['p95'])})"


def crowd(people):
    return f"{people / 1e6:.3g} million" if people >= 1e6 else f"{people / 1e3:.3g} thousand"


@needs_browser
@pytest.mark.parametrize(("width", "height"), [pytest.param(1280, 900, marks=pytest.mark.long), (390, 844)])
def test_the_first_screen_says_whose_homes_freeze_first_when_how_many_and_what_to_send(
    open_page, january, width, height
):
    shown = open_page(width=width, height=height)
    answers = told(shown)
    assert list(answers) == ["Where do homes freeze first?", "By when?", "How many people?", "What to send?"]
    times, wants = gm.deadlines(january), needs(january).loc["UA-30"]
    middle = times.loc[("UA-30", "homes_12c"), "local_p50"]
    where, when, many, send = answers.values()
    assert where.startswith("Kyiv City; then Dnipropetrovsk (20 Jan, 12:00), Chernihiv (24 Jan, early hours), ")
    assert f"drained by {told_time(times.loc[('UA-30', 'drain')], 'local_p50')}." in when
    row = times.loc[("UA-30", "homes_12c")]
    assert row["local_p05"].date() == middle.date()
    early = told_time(row, "local_p05")
    early = early[-5:] if early.endswith(":00") else early
    homes = f"below 12 °C from {told_time(row, 'local_p50')} (bad case {early}); first: panel, 16 storeys, corner"
    assert homes in when
    cold = wants.loc["warm_places"]
    assert many.startswith(f"Up to {crowd(cold['p50'])} people (bad case {crowd(cold['p95'])})")
    peak = gm.summarise(january).loc["people_without_heat_peak", "p50"]
    assert f"; {crowd(peak)} in the whole country at its peak." in many
    assert peak >= cold["p50"]
    assert f"places to get warm for {crowd(cold['p50'])} people (bad case {crowd(cold['p95'])})" in send
    assert f"by {part_of(cold['from_local'])}" in send
    pipes, fuel, water = (wants.loc[name] for name in ("drain_people", "fuel_m3", "water_m3_per_day"))
    more = f"{bad(pipes, crowd)}, by {part_of(pipes['from_local'])}"
    assert f"homes of {crowd(pipes['p50'])} people{more}" in send
    assert f"{thousands(fuel['p50'])} m³ in the whole run{bad(fuel, thousands)}" in send
    assert f"{thousands(water['p50'])} m³ per day{bad(water, thousands)}" in send
    bottom = shown.evaluate("document.querySelector('#what dl').getBoundingClientRect().bottom")
    assert bottom <= height


@needs_browser
@pytest.mark.parametrize("lang", sampled(["en", "uk"], 2, first=1))
def test_every_number_of_the_first_screen_stands_in_summary_json(open_page, january, lang):
    from gridmodel.results.run_folder import summary_json

    shown = open_page()
    shown.select_option("#lang", lang)
    text = shown.locator("#what").text_content().replace("12 °C", "")
    text = text.replace(t_of("panel_16_storey_corner_flat", lang), "")
    text = re.sub(r"and \d+ more|ще регіонів: \d+|\d+ of \d+ members|\d+ з \d+ варіантів", "", text)
    text = re.sub(r"\d+ (Jan|січ\.)(, \d\d:\d\d)?|\d\d:\d\d", "", text)
    summary = summary_json(january, gm.summarise(january))
    known = {float(january.sizes["member"])}
    for row in [*summary["metrics"].values(), *summary["needs"], *summary["deadlines"]]:
        for value in row.values():
            if isinstance(value, int | float) and not isinstance(value, bool):
                known |= {float(f"{value / unit:.3g}") for unit in (1, 0.01, 1e3, 1e6, 15e-3, 15, 15e3)}
    said = [one.replace("\u00a0", "").replace(" ", "") for one in re.findall(r"\d[\d.,\u00a0]*\d|\d", text)]
    plain = [float(one.replace(",", "") if lang == "en" else one.replace(",", ".")) for one in said]
    assert len(plain) >= 18
    assert [one for one in plain if one not in known] == []


@pytest.fixture(scope="module")
def seldom(january):
    """Three days in which homes are cold, in three of the ten members only."""
    part = january.isel(time=slice(36, 108)).drop_vars("deadline_to_drain").load().copy(deep=True)
    for name in ("people_without_heat", "people_without_heat_cause"):
        part[name].loc[{"member": part["member"][3:]}] = 0.0
    return part


@needs_browser
def test_what_is_typically_not_needed_is_told_with_its_bad_case_and_in_how_many_members(open_page, seldom, tmp_path):
    gm.report.write(seldom, tmp_path / "seldom.html")
    shown = open_page(path=tmp_path / "seldom.html")
    where, when, many, send = told(shown).values()
    wants, times = needs(seldom).loc[("UA-30", "warm_places")], gm.deadlines(seldom).loc[("UA-30", "homes_12c")]
    assert (wants["p50"], wants["needed_share"], times["reached_share"]) == (0, 0.3, 0.3)
    assert where.startswith("Typically nowhere; in the bad case: Kyiv City")
    assert f"in the bad case the first are below it from {told_time(times, 'local_p05')}, in 3 of 10 members" in when
    assert many.startswith(f"Typically none; in the bad case {crowd(wants['p95'])} people at once")
    assert (
        f"typically not needed, but in the bad case: {crowd(wants['p95'])} places to get warm (3 of 10 members), "
        in send
    )
    row = shown.locator("#help tbody tr", has_text="Kyiv City").locator("td").nth(1)
    assert [one.strip() for one in row.inner_text().split("\n") if one.strip()] == [
        "–", "bad case", thousands(wants["p95"]), "in 3 of 10",
    ]  # fmt: skip
    cell = shown.locator("#deadlines tbody tr", has_text="Kyiv City").locator("td").first.inner_text()
    assert re.sub(r"\s+", " ", cell) == f"later bad case {told_time(times, 'local_p05')} in 3 of 10"


@needs_browser
def test_a_run_of_one_member_shows_single_numbers_without_words_for_many(open_page, run_of_three):
    shown = open_page(path=run_of_three / "report.html")
    for lang in ("en", "uk"):
        shown.select_option("#lang", lang)
        shown.locator("[data-region]").first.click()
        shown.wait_for_selector("#region .outage-schedule")
        shown.evaluate(
            "document.querySelectorAll('#help h3, #help h3 ~ *').forEach(e => e.remove())"
        )  # `gridmodel plan`
        text = shown.evaluate(
            "[...document.querySelectorAll('header, section')].filter(e => !e.querySelector('#inputs')).map(e => e.innerText).join(' ')"
        )
        for word in ("typical", "bad", "sure", "moved"):
            assert t_of(word, lang).split("{")[0].strip().lower()[:30] not in text.lower()
        assert not re.search(r"\bmembers?\b|варіант", text)
    assert shown.locator("#region small").count() == 0
    assert not shown.locator("#which").is_visible()


@needs_browser
def test_the_page_says_what_moves_the_answer_most_in_the_words_of_the_terminal(open_page, january, tmp_path):
    made = january.isel(region=slice(3), time=slice(0, 48)).drop_vars(["drawn_value", "setting"], errors="ignore")
    energy = gm.metrics.ens_mwh(made).to_numpy()
    drawn = np.column_stack([-energy, np.random.default_rng(0).permutation(energy)])
    made = made.assign(drawn_value=(("member", "setting"), drawn)).assign_coords(setting=["import_limit_mw", "chance"])
    gm.report.write(made, tmp_path / "moved.html")
    shown = open_page(path=tmp_path / "moved.html")
    line = shown.locator("#moved").inner_text().replace("\u200b", "")
    assert line.startswith("What moves the answer most: missing electricity – limit of imports (the higher, the less)")
    shown.select_option("#lang", "uk")
    assert "межа імпорту (що вище, то менше)" in shown.locator("#moved").inner_text().replace("\u200b", "")


@needs_browser
def test_a_run_without_cold_homes_says_so_and_what_else_to_send(open_page, tmp_path):
    calm = gm.run(gm.load_scenario("mild-january").replace(members=2, end="2026-01-10 00:00", rotation="mean"))
    gm.report.write(calm, tmp_path / "calm.html")
    answers = told(open_page(path=tmp_path / "calm.html"))
    assert list(answers) == ["Where do homes freeze first?", "What to send?"]
    assert answers["Where do homes freeze first?"].startswith("Nowhere: ")
    assert "diesel for the generators in place" in answers["What to send?"]
    assert "drinking water" not in answers["What to send?"]  # floors that take turns get water again within hours


@needs_browser
def test_the_page_lists_its_sections_and_each_link_leads_to_one(open_page):
    shown = open_page()
    links = shown.eval_on_selector_all("#nav a", "all => all.map(a => [a.getAttribute('href'), a.textContent])")
    heads = shown.eval_on_selector_all(
        "main h2", "all => all.filter(h => h.offsetParent).map(h => ['#' + h.id, h.textContent])"
    )
    assert links == heads[1:]
    assert "What events set off" not in dict(links).values()  # nothing of the kind was followed


@pytest.mark.gate  # at each edit: options that are grouped, in `test_many_options.py`
def test_the_options_of_the_page_are_a_file_that_plan_reads_and_its_command_names_the_scenario(january, tmp_path):
    from gridmodel.studies.options import load_options

    made = payload(january, manifest={"command": ["gridmodel", "run", "--members", "9", "a b.yaml", "-o", "x"]})
    assert made["plan"] == "gridmodel plan 'a b.yaml' options.csv --members 10"
    (tmp_path / "options.csv").write_text(made["options"], encoding="utf-8")
    options = load_options(tmp_path / "options.csv")
    wants = needs(january)
    places = [one for one in options if one.kind == "warming_points"]
    most = wants.xs("warm_places", level=1)["p95"].sort_values(ascending=False, kind="stable")
    assert [one.region for one in places] == [*most.index[most >= 50]]
    assert places[0].region == "UA-30"
    for one in places:
        assert one.size == wants.loc[(one.region, "warm_places"), "p95"]
        assert one.available_from == wants.loc[(one.region, "warm_places"), "from_local"]
    small = gm.run("three-region")
    assert payload(small, manifest={"command": ["gridmodel", "run"]})["plan"].split()[2] == "january-2026"
    assert not payload(small, manifest={"command": ["gridmodel", "run", "--from", "runs/x"]})["plan"]
    assert not payload(small)["plan"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["mine.yaml", "--save-state", "2026-01-18 00:00", "--watch"], "mine.yaml"),
        (["--region", "Kyiv", "mine.yaml", "--lang", "uk", "--json"], "mine.yaml"),
        (["--baseline", "mine.yaml", "--output=runs/a", "-o", "runs/b", "-oruns/c"], "mine.yaml"),
        (["--members", "4", "--seed", "7"], "january-2026"),
        (["mine.yaml", "--from-state", "state.nc"], ""),
        (["mine.yaml", "--network", "net.json"], ""),
        (["--network=net.json", "--regions", "zone"], ""),
        (["--from", "runs/a"], ""),
    ],
)
def test_the_command_for_ranking_names_the_scenario_and_no_value_of_an_option(given, expected):
    made = plan_command({"command": ["gridmodel", "run", *given]}, 4)
    assert made == (f"gridmodel plan {expected} options.csv --members 4" if expected else "")


def test_options_of_a_run_without_a_value_are_known_where_its_command_is_read():
    flags = {name for option in run.params if getattr(option, "is_flag", False) for name in option.opts}
    assert flags == FLAGS
