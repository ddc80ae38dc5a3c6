"""The sheet of one region: two printed pages, a phone, both languages, and what it says where little is known."""

import re
import shutil
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import xarray as xr
from browsing import axe, needs_browser
from click.testing import CliRunner
from conftest import at_gate

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.network import read_network
from gridmodel.output import sheet
from gridmodel.output.languages import languages, words
from gridmodel.output.sheet import Beside, Bought, lead_lines
from gridmodel.output.sheet.charts import Line, chart, outage_strip, outline_map
from gridmodel.output.sheet.lines import lines_of
from gridmodel.output.sheet.page import DEADLINES, SheetPage
from gridmodel.output.sheet.purchase import bought_of
from gridmodel.results.needs import NEEDS
from gridmodel.results.percent import whole_percent
from gridmodel.results.run_folder import write_run
from gridmodel.results.sheet import CHANCES, Added, Due, Pair, Want
from gridmodel.results.sheet import sheet as collected
from gridmodel.scenario import KINDS, Mitigation, make_scenario
from gridmodel.studies.asking import lot
from gridmodel.studies.remaining import brought_by
from gridmodel.vocabulary import OWN_HEAT

EVENTS = [
    {"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.9},
    {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.3},
]
BASE = {"name": "A <b>cold</b> week", "network": "three-region", "weather": "three-region", "timezone": "UTC",
        "start": "2026-01-05", "end": "2026-01-07", "members": 3}  # fmt: skip


@pytest.fixture(scope="module")
def cold():
    return gm.run(make_scenario(BASE | {"events": EVENTS}))


KEPT = {}


def numbers_of(result, region="", *, own=None):
    """The numbers of a sheet, collected once, however many pages are made of them."""
    key = id(result), region, str(own)
    if key not in KEPT:
        KEPT[key] = result, collected(result, region, own=own)  # the result stays, so that its id is no other's
    return KEPT[key][1]


@pytest.fixture(scope="module", autouse=True)
def collected_once():
    with pytest.MonkeyPatch.context() as patch:
        for module in ("write", "purchase"):
            patch.setattr(import_module(f"gridmodel.output.sheet.{module}"), "sheet", numbers_of)
        yield
    KEPT.clear()


@pytest.fixture(scope="module")
def full(cold):
    """A sheet with everything that one can have: waves, a budget, a map."""
    bought = Bought(
        budget_eur=2e6, cost_eur=1.9e6, saved_h=1e6, helped=cold, following=lot(Mitigation(kind="drain_crew", region="TR-1", size=3, cost_eur=9e3), 2e5),
        chosen=[Mitigation(kind=kind, region="" if one.national else "TR-1", size=2, cost_eur=2e5,
                           target="waterworks" if kind == "mobile_generator" else "") for kind, one in KINDS.items()],
    )  # fmt: skip
    added = {"energy_not_served": Added(without=90.0, more=10.0), "person_hours_without_heat": Added(without=4, more=6)}
    own = dict.fromkeys(NEEDS, 12.0)
    rings = {"TR-1": (((20.0, 50.0), (22.0, 50.0), (21.0, 52.0), (20.0, 50.0)),)}
    return Beside(wave="heavy", nights=[np.datetime64("2026-01-05T02:00")], interception="80 %", added=added, own=own,
                  planned=[Mitigation(kind="mobile_boiler", region="TR-1", size=2, name="a <i>boiler</i>")], bought=bought, outlines=rings, country_page="run/report.html",
                  source="Outlines: <u>somebody</u>")  # fmt: skip


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("region", at_gate(["TR-1", ""], 2))
def test_a_sheet_has_no_script_no_blank_left_open_and_no_markup_of_names(cold, full, lang, region):
    page = sheet.html(cold, region, lang=lang, marking="<b>secret</b>", beside=full)
    assert "<script" not in page
    assert not re.search(r"\{\w*\}", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    for hostile in ("<b>", "<i>boiler", "<u>"):
        assert hostile not in re.sub(r"<b>[^<]*</b>", "", page) or hostile == "<b>"
    assert "&lt;b&gt;secret&lt;/b&gt;" in page
    assert "://" not in page
    assert not re.search(r"\d (%|°C)", page)  # a number and its sign stay on one line


def test_every_word_that_a_sheet_can_need_is_there():
    known = set(words("en"))
    keys = {f"b_chance_{name}" for _, name in CHANCES} | {"b_chance_all"}
    keys |= {f"b_{kind}_{need}" for need in NEEDS for kind in "qwa"} | {
        f"b_{word}_{kind}" for kind in KINDS for word in ("k", "each")
    }
    keys |= {f"b_n_{key.partition('_')[0] if key.startswith('fuel') else key}" for key in DEADLINES}
    keys |= {f"b_part_{part}" for part in range(4)} | {f"b_size_{size}" for size in ("light", "moderate", "heavy")}
    assert keys - known == set()
    for lang in languages():
        assert len(words(lang)["b_weekdays"].split(",")) == 7
        assert len(words(lang)["b_months"].split(",")) == 12


def test_what_help_brings_is_taken_off_what_remains(cold, full):
    # by hand: two tankers bring 60 m³ a day, of which the typical need and the bad case fall as far as they can
    assert brought_by([Mitigation(kind="water_truck", region="A", size=2)]) == {"water_m3_per_day": 60.0}
    places = Mitigation(kind="warming_points", region="TR-1", size=1e6)
    bought = Bought(budget_eur=1.0, chosen=[places], helped=cold)
    page = SheetPage(cold, numbers_of(cold, "TR-1"), Beside(bought=bought), "en")
    row = next(one for one in bought_of(page)["rows"] if one["what"] == "Places to get warm")
    assert "places" in row["before"]
    assert row["after"] == "– (bad case –), beside 1,000,000 bought"
    assert "Generators" not in "".join(
        one["what"] for one in bought_of(page)["rows"]
    )  # what stays as it was is named apart


def test_a_run_of_expected_values_tells_single_numbers(tmp_path):
    result = gm.run(make_scenario({**BASE, "members": 1, "deterministic": True, "events": EVENTS}))
    page = sheet.html(result, "TR-1")
    assert "one case of expected values" in page
    assert "Bad case" not in page
    assert "Happens at all" not in page
    assert "none of the" not in page


def test_lines_that_matter_are_one_for_each_part(cold, full):
    lines = lead_lines(cold, "TR-1", beside=full)
    assert len(lines) == 5
    assert "10 % of the missing electricity; 90 % would be missing without them" in lines[3]
    assert "With them, person-hours in homes below 12 °C are 2.5 times as many" in lines[3]
    assert lines[4].startswith("Of 2,000,000 EUR, 1,900,000 EUR buy what follows, and 100,000 EUR are left: ")


def test_the_table_of_help_says_by_when_to_ask_and_leaves_empty_what_the_model_does_not_know(cold, full):
    # by hand: the run begins on 5 January at midnight and help takes 24 h; waterworks that lack power from 6 January
    # 07:29 on are told from 06:00 on, so ask by 5 January 06:00
    numbers = numbers_of(cold, "TR-1")
    at = {"warm_places": "2026-01-05T07:00", "generators_water_mw": "2026-01-06T07:29", "generators_telecom_mw":
          "2026-01-06T07:29", "water_m3_per_day": "2026-01-06T05:00"}  # fmt: skip
    wants = [Want(key=key, amount=Pair(typical=1.0, bad=2.0), unit="1", since=np.datetime64(moment))
             for key, moment in at.items()]  # fmt: skip
    for lang, late, now, by, note in (
        ("en", "now; arrives Tue 6 Jan, 00:00", "now", "Mon 5 Jan, 06:00", "Where it is empty, the model does not"),
        ("uk", "зараз; прибуде вт, 6 січня, 00:00", "зараз", "пн, 5 січня, 06:00", "Де порожньо, модель не знає"),
    ):
        page = SheetPage(cold, replace(numbers, wants=wants), full, lang)
        assert [row["ask_by"] for row in page.wants] == [late, by, "", now]
        assert note in page.ask_note
        page.numbers = replace(numbers, wants=wants[:2])
        assert note not in page.ask_note
    line = lines_of(SheetPage(cold, replace(numbers, wants=wants), full, "en"))[2]
    assert line == (
        "What to ask for, in the amounts of the bad case. Now; arrives Tue 6 Jan, 00:00: 2 places to get warm. "
        "Now: 2 m³ of drinking water a day. By Mon 5 Jan, 06:00: 2 MW of generators for waterworks. "
        "By a time that the model does not know: 2 MW of generators for telecom."
    )


def test_the_next_lot_is_told_with_its_price_its_range_and_what_it_would_prevent(cold, full):
    # by hand: three crews at 3,000 EUR, 2,000 to 6,000 each; what is bought prevents 1 of 50 million
    full = replace(full, bought=replace(full.bought, whole_h=5e7))
    page = SheetPage(cold, numbers_of(cold, "TR-1"), full, "en")
    assert bought_of(page)["next"] == (
        "What the next euro buys: crews to drain pipes (3), 3 × 3,000 EUR a crew = 9,000 EUR, usual prices 6,000 to "
        "18,000 EUR. By itself it would prevent 200 thousand weighted person-hours without warmth, "
        "water or light; all that is bought above prevents 1 million. That is 2 % of all 50 million; the colder the room "
        "and the frailer its people, the more an hour counts."
    )
    own = replace(full.bought, following=lot(Mitigation(kind="battery", region="TR-1", size=1, cost_eur=5.0), 2.0))
    page = SheetPage(cold, numbers_of(cold, "TR-1"), replace(full, bought=own), "en")
    assert bought_of(page)["next"].startswith("What the next euro buys: batteries of 1 MW, 5 EUR. By itself")
    little = SheetPage(cold, numbers_of(cold, "TR-1"), Beside(bought=Bought(budget_eur=10.0)), "en")
    assert bought_of(little)["says"] == "10 EUR buy nothing: one unit of any help that is needed costs more."


def test_where_own_crews_are_enough_only_their_start_is_told_and_else_only_what_they_leave_is_asked_for(cold, full):
    # by hand: 84,000 people at 16,000 an hour are 6 h of work (5.25 rounded up) before noon, from 06:00 on; of 240,000
    # the 12 h in which pipes stand unfrozen do 192,000 and leave 48,000; where they do nothing, all is asked for
    numbers = numbers_of(cold, "TR-1")
    need = Want(key="drain_people", amount=Pair(typical=0.0, bad=84_000.0), unit="1", own=16_000.0,
                since=np.datetime64("2026-01-05T12:05"), within_h=12.5)  # fmt: skip
    told = {
        "en": ("no need: own crews are enough if they start by Mon 5 Jan, 06:00",
               "now; arrives Tue 6 Jan, 00:00, for homes of 48,000 people; own crews do the rest if they start as "
               "circulation stops",
               "now; arrives Tue 6 Jan, 00:00"),
        "uk": ("не треба: своїх бригад досить, якщо вони почнуть до пн, 5 січня, 06:00",
               "зараз; прибуде вт, 6 січня, 00:00, на домівки 48 000 людей; решту встигнуть свої бригади, якщо "
               "почнуть, щойно стане циркуляція", "зараз; прибуде вт, 6 січня, 00:00"),
    }  # fmt: skip
    many = replace(need, amount=Pair(typical=0.0, bad=240_000.0))
    wants = [need, many, replace(many, since=np.datetime64("2026-01-05T00:30"))]
    for lang, said in told.items():
        page = SheetPage(cold, replace(numbers, wants=wants), full, lang)
        assert tuple(row["ask_by"].replace("\u202f", " ") for row in page.wants) == said
    lines = [lines_of(SheetPage(cold, replace(numbers, wants=[want]), full, "en"))[2] for want in wants[:2]]
    assert lines == [
        "Own crews are enough to drain pipes in homes of 84,000 people if they start by Mon 5 Jan, 06:00.",
        "What to ask for, in the amounts of the bad case. Now; arrives Tue 6 Jan, 00:00: crews to drain pipes in homes "
        "of 48,000 people.",
    ]
    country = SheetPage(cold, replace(numbers_of(cold), wants=[need]), full, "en")
    assert country.wants[0]["ask_by"] == "now; arrives Tue 6 Jan, 00:00"


def test_what_help_meets_once_it_is_there_is_told_beside_what_is_needed_before(cold, full):
    # by hand: heat sources lack power only in the first three hours; a generator comes at 06:00 and changes none of them
    early = cold.copy(deep=True)
    dark = early["dark_share"].transpose("member", "time", "region", "system")
    dark[:] = 0.0
    dark.loc[{"system": "heat", "region": "TR-1", "time": dark["time"][:3]}] = 0.5
    early["dark_share"] = dark
    lot_of = Mitigation(kind="mobile_generator", target="heat_source", region="TR-1", size=2, cost_eur=5.0,
                        available_from="2026-01-05 06:00")  # fmt: skip
    for lang, then in (("en", "; after arrival nothing"), ("uk", "; після прибуття – нічого")):
        beside = Beside(bought=Bought(budget_eur=5.0, cost_eur=5.0, chosen=[lot_of], helped=early))
        page = SheetPage(early, numbers_of(early, "TR-1"), beside, lang)
        (row,) = (one for one in bought_of(page)["rows"] if one["what"] == words(lang)["b_q_generators_heat_mw"])
        assert row["after"] == row["before"] + then
        assert row["line"].endswith(then)


def test_shares_of_causes_add_up_to_a_hundred_with_the_others_together(cold):
    page = SheetPage(cold, numbers_of(cold, "TR-1"), Beside(), "en")
    page.numbers = replace(page.numbers, causes={"heat_causes": {"source_damaged": 0.784, "warming_up": 0.138,
                                                                 "pipes_burst": 0.05, "other": 0.028}})  # fmt: skip
    assert page.why == [
        "Why homes are cold, by person-hours: heat source damaged 78 %, heated again, still warming up 14 %, heating "
        "pipes burst 5 %, other 3 %."
    ]
    for causes in numbers_of(cold, "TR-1").causes.values():
        assert sum(causes.values()) == pytest.approx(1.0)
        assert sum(whole_percent(causes).values()) == 100


def test_the_coldest_kind_of_home_is_named_with_its_state_and_its_share(cold):
    # by hand: every kind of every member and hour, one after the other
    one = cold.sel(region="TR-1")
    lowest = {}
    for member in range(cold.sizes["member"]):
        for kind in cold["archetype"].to_numpy():
            for state in cold["heat_state"].to_numpy():
                at = {"archetype": kind, "heat_state": state}
                air, own = one["indoor_temperature"].sel(at).isel(member=member), str(kind) in OWN_HEAT
                share = one["archetype_share"].sel(archetype=kind) * (
                    1.0 if own else one["home_share"].sel(heat_state=state).isel(member=member))  # fmt: skip
                value = float(air.where(share >= 0.005).min())
                if np.isfinite(value) and value < lowest.get(member, (99.0,))[0]:
                    lowest[member] = (value, str(kind), "" if own else str(state))
    numbers = numbers_of(cold, "TR-1")
    typical, bad = numbers.coldest
    assert (bad.archetype, bad.state) in {rest for _, *rest in lowest.values() for rest in [tuple(rest)]}
    assert min(lowest.values())[0] - 1e-6 <= bad.low_c <= typical.low_c <= max(lowest.values())[0] + 1e-6
    assert 0.005 <= bad.share <= 1.0
    page = SheetPage(cold, numbers, Beside(), "en")
    what = ", ".join(words("en")[name] for name in (bad.archetype, bad.state) if name)
    assert re.search(rf"; in the bad case to −?\d+ °C \({re.escape(what)}; \d+ % of homes\)\.$", page.coldest)
    assert "coldest kind" not in SheetPage(cold, numbers_of(cold), Beside(), "en").coldest
    warm = (replace(typical, low_c=13.0), replace(bad, low_c=12.5))
    page.numbers = replace(numbers, coldest=warm)
    assert "coldest kind" not in page.coldest


def test_what_is_left_unmet_by_tankers_and_what_crews_or_schedules_do_not_differ_in_is_not_said_twice(cold, full):
    tankers = Bought(
        budget_eur=9.0, cost_eur=9.0, helped=cold, chosen=[Mitigation(kind="water_truck", region="TR-1", size=2)]
    )
    page = SheetPage(cold, numbers_of(cold, "TR-1"), Beside(bought=tankers), "en")
    assert bought_of(page)["same"].endswith(" Tankers bring water, but taps stay dry.")
    tents = replace(tankers, chosen=[Mitigation(kind="warming_points", region="TR-1", size=50)])
    assert "Tankers" not in bought_of(SheetPage(cold, page.numbers, Beside(bought=tents), "en"))["same"]
    hours = re.search(r"off (\d+) h a day", page.schedule["note"])
    told = float(hours[1]) if hours else page.numbers.off_day_h.typical
    page.numbers = replace(page.numbers, off_day_h=Pair(typical=told, bad=told))
    assert "queues" not in page.schedule["note"]
    page.numbers = replace(page.numbers, off_day_h=Pair(typical=told + 1.0, bad=told))
    assert "queues" in page.schedule["note"]


@pytest.mark.parametrize("lang", at_gate(languages(), 2, first=1))
def test_no_brackets_stand_within_brackets(cold, full, lang):
    for region in ("TR-1", ""):
        page = sheet.html(cold, region, lang=lang, beside=full)
        told = [
            re.sub(r"<style.*?</style>|<[^>]*>", "\n", page, flags=re.DOTALL),
            *lead_lines(cold, region, lang=lang, beside=full),
        ]
        for text in told:
            assert not re.search(r"\([^()\n]*\(", text)


@pytest.fixture(scope="module")
def single():
    """One case of expected values, and one that is drawn."""
    asked = {**BASE, "members": 1, "events": EVENTS}
    return [gm.run(make_scenario(asked | {"deterministic": True})), gm.run(make_scenario(asked | {"rotation": "mean"}))]


OF_SEVERAL = re.compile(
    r"\b(typical(ly)?|bad cases?|cases|one in twenty|chance|members)\b|типов|\bгірш|варіанти|варіантів|імовірн"
)
"""Words that say something of several cases."""


@pytest.mark.parametrize("lang", languages())
@pytest.mark.gate  # at each edit: a sheet of a run folder
def test_where_there_is_one_case_nothing_speaks_of_several(single, full, lang):
    for result in single:
        for region in ("TR-1", ""):
            known = replace(full, bought=replace(full.bought, helped=result))
            text = re.sub(r"<style.*?</style>|<header>.*?</header>|<[^>]*>", " ", sheet.html(result, region, lang=lang, beside=known),
                          flags=re.DOTALL)  # fmt: skip
            text = " ".join([text, *lead_lines(result, region, lang=lang, beside=known)])
            assert not OF_SEVERAL.findall(text)
    about = [SheetPage(result, numbers_of(result), full, "en").about for result in single]
    assert "one case of expected values" in about[0]
    assert "one case drawn at random" in about[1]


@needs_browser
def test_the_sheet_of_a_country_of_24_regions_prints_on_two_pages(cold, full, open_sheet, tmp_path):
    parts = [cold.assign_coords(region=[f"{name}-{part}" for name in cold["region"].to_numpy()]) for part in range(8)]
    names = ["Дніпропетровська", "Івано-Франківська", "Житомирська"] * 8
    country = xr.concat(parts, dim="region", data_vars="minimal", coords="minimal").assign_coords(
        region_name_uk=("region", names), region_name=("region", names))  # fmt: skip
    country.attrs = cold.attrs
    lots = [
        Mitigation(kind="mobile_generator", region=f"TR-1-{part}", target="heat_source", size=2, cost_eur=5e5)
        for part in range(7)
    ]
    known = replace(
        full, planned=(), bought=replace(full.bought, helped=country, chosen=lots, following=lot(lots[0], 9.0))
    )
    for lang in languages():
        shown = open_sheet(sheet.html(country, lang=lang, beside=known))
        printed = shown.pdf(path=tmp_path / "x.pdf", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 2, lang


def test_what_never_comes_is_one_sentence_and_a_year_is_said_once_unless_there_are_two(cold):
    page = SheetPage(cold, numbers_of(cold, "TR-1"), Beside(), "en")
    never = [Due(key=key, share=0.0, typical=None, early=None, to_the_hour=False, people=None)
             for key in ("drain", "dry_taps", "fuel_heat", "fuel_water")]  # fmt: skip
    page.numbers = replace(page.numbers, dues=never)
    assert page.never == (
        "In none of the 3 cases must heating pipes be drained, are whole streets without water or does backup fuel "
        "run out (heat sources, waterworks)."
    )
    assert page.days == ("Mon 5 Jan", "Tue 6 Jan 2026")
    page.numbers = replace(page.numbers, local=np.array(["2026-12-30T00:00", "2027-01-02T00:00"], dtype="M8[m]"))
    assert page.days == ("Wed 30 Dec 2026", "Sat 2 Jan 2027")


def test_a_night_is_told_by_its_parts_in_both_languages(cold):
    page = {lang: SheetPage(cold, numbers_of(cold, "TR-1"), Beside(), lang) for lang in ("en", "uk")}
    moment = np.datetime64("2026-12-03T07:29")
    assert page["en"].at(moment, to_the_hour=True) == "Thu 3 Dec, 07:00"
    assert page["en"].at(moment, to_the_hour=False) == "Thu 3 Dec, morning"
    assert page["uk"].at(moment, to_the_hour=False) == "чт, 3 грудня, вранці"
    assert page["uk"].number(1234567.0) == "1\u202f234\u202f567"
    assert page["uk"].number(0.4) == "0,4"
    assert page["en"].people(151_234.0) == "150 thousand"
    assert page["en"].people(1_512_340.0) == "1.5 million"
    assert [page["en"].people(some) for some in (0.0, 1.2e-10, 0.4, 7.6, 345.0)] == ["0", "0", "0", "8", "340"]


def test_pictures_say_what_they_show_and_stay_in_their_frame():
    local = np.datetime64("2026-12-01T00:00") + np.arange(48) * np.timedelta64(60, "m")
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    picture = chart(
        local, [Line(values=np.linspace(0, 87, 48), style="bad")], days=days, described='a "b" <c>', zero=True
    )
    assert 'aria-label="a &quot;b&quot; &lt;c&gt;"' in picture
    assert ">Tue 1<" in picture
    ((points),) = re.findall(r'points="([^"]*)"', picture)
    across, down = np.array([[float(value) for value in point.split(",")] for point in points.split()]).T
    assert across.min() >= 40
    assert across.max() <= 352
    assert down[0] == pytest.approx(110.0)  # nothing, at the foot: 130 less 20
    marked = chart(
        local, [Line(values=np.linspace(0, 20, 48), style="cold")], days=days, described="x", zero=True, mark=12.0,
        mark_says="12 °C",
    )  # fmt: skip
    assert '<line class="mark"' in marked
    assert ">12 °C</text>" in marked
    off = {"1.1": np.array([1, 1, 0, 0] * 12), "1.2": np.zeros(48)}
    strip = outage_strip(local, off, days=days, described="x")
    assert strip.count("M") == 12
    rings = {"A": (((20.0, 50.0), (22.0, 50.0), (21.0, 52.0), (20.0, 50.0)),), "B": (((23.0, 50.0),) * 4,)}
    drawn = outline_map(rings, "A", known=["A"], described="x")
    assert re.findall(r'class="(here|there|none)"', drawn) == ["here", "none"]


def test_the_bundled_outlines_have_every_oblast():
    network = read_network("ukraine")
    assert set(network.regions) <= set(network.outlines)


def test_a_sheet_of_a_run_folder_says_what_the_region_has(cold, tmp_path):
    write_run(cold, make_scenario(BASE | {"events": EVENTS}), tmp_path / "run", command=["gridmodel"], seconds={})
    got = CliRunner().invoke(main, ["report", str(tmp_path / "run"), "--region", "tr-1"], catch_exceptions=False)
    assert got.exit_code == 0, got.output
    page = (tmp_path / "run" / "sheet-TR-1.html").read_text(encoding="utf-8")
    assert "MW in place, already subtracted" in page.replace("\u00a0", " ")
    refused = CliRunner().invoke(main, ["report", str(tmp_path / "run"), "--region", "Atlantis"])
    assert refused.exit_code == 1
    assert "'Atlantis' is not a region of this run" in refused.stderr


@needs_browser
@pytest.mark.parametrize("lang", languages())
def test_a_sheet_prints_on_two_pages_fits_a_phone_and_passes_axe(cold, full, lang, open_sheet, tmp_path):
    for region in ("TR-1", ""):
        shown = open_sheet(sheet.html(cold, region, lang=lang, beside=full))
        for scheme in ("light", "dark"):
            shown.emulate_media(media="screen", color_scheme=scheme)
            for width in (390, 700, 870, 1280):
                shown.set_viewport_size({"width": width, "height": 900})
                assert shown.evaluate("document.documentElement.scrollWidth") <= width
            assert axe(shown) == {}
        sizes = shown.evaluate(
            "[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 12
        shown.emulate_media(media="print")
        printed = shown.pdf(path=tmp_path / "x.pdf", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 2


@pytest.fixture
def open_sheet(browser, tmp_path):
    """Return a function that shows a page, with the network blocked."""

    def show(text):
        (tmp_path / "sheet.html").write_text(text, encoding="utf-8")
        context = browser.new_context(offline=True)
        shown = context.new_page()
        told = []
        shown.on("console", lambda message: told.append(message.text))
        shown.goto((tmp_path / "sheet.html").as_uri())
        assert told == []
        return shown

    return show


def test_a_sheet_of_a_run_whose_inputs_cannot_be_read_says_what_it_leaves_out(tmp_path, run_of_three):
    shutil.copy(run_of_three / "result.nc", tmp_path / "result.nc")
    got = CliRunner().invoke(
        main, ["report", str(tmp_path / "result.nc"), "--region", "TR-1", "-o", str(tmp_path / "s.html")]
    )
    assert got.exit_code == 0, got.output
    assert "leaves out its map and what the region has" in got.stderr
    assert (tmp_path / "s.html").is_file()
