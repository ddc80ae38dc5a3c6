import json
import re
import string

import numpy as np
import pytest
from click.testing import CliRunner
from scratch import contents, copy_package, python, touched

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.files import ROOT, bundled
from gridmodel.output import languages as languages_
from gridmodel.output.languages import languages, page_words, region_names, title_in, unbroken, words
from gridmodel.output.report import page
from gridmodel.output.report.payload import payload
from gridmodel.results.deadlines import LABELS
from gridmodel.results.metrics import METRIC_NAMES
from gridmodel.results.needs import NEEDS
from gridmodel.results.standing import Standing
from gridmodel.scenario import DAMAGE_CLASSES
from gridmodel.scenario.backup_systems import SYSTEMS
from gridmodel.services.registry import SPLITS
from gridmodel.studies.conditioning.quantities import QUANTITIES
from gridmodel.vocabulary import (
    ARCHETYPES,
    CASCADE_STEPS,
    CAUSES,
    DAMAGE_STATES,
    FURTHER_ARCHETYPES,
    HEAT_CAUSES,
    HEAT_STATES,
    MECHANISMS,
    OWN_HEAT,
    RECHARGE_WORDS,
    TECHNOLOGIES,
    WATER_CAUSES,
)

GUIDE = ROOT / "docs" / "contributing" / "language.md"


def blanks(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_the_languages_are_the_files_of_the_folder_and_the_default_is_first(tmp_path, monkeypatch):
    files = {path.stem for path in (ROOT / "gridmodel" / "output" / "lang").glob("*.json")}
    assert len(files) > 1
    assert languages() == ["en", *sorted(files - {"en"})]
    for code in ("de", "en", "ab"):
        (tmp_path / f"{code}.json").write_text("{}")
    monkeypatch.setattr(languages_, "FOLDER", tmp_path)
    assert languages() == ["en", "ab", "de"]


@pytest.mark.parametrize("lang", languages()[1:])
def test_every_language_has_the_keys_of_the_default_and_the_same_blanks(lang):
    first, other = words("en"), words(lang)
    assert list(other) == list(first)
    assert {key: blanks(text) for key, text in other.items()} == {key: blanks(text) for key, text in first.items()}
    assert all(text.strip() for text in other.values())


def test_every_word_that_the_page_uses_is_there():
    used = set(re.findall(r"\b(?:t|answer)\(\"(\w+)\"[,)]", (page.HERE / "page.js").read_text(encoding="utf-8")))
    used |= set(re.findall(r"data-w=\"(\w+)\"", (page.HERE / "page.html").read_text(encoding="utf-8")))
    used |= {
        *HEAT_STATES,
        *ARCHETYPES,
        *FURTHER_ARCHETYPES,
        *OWN_HEAT,
        *CAUSES,
        *HEAT_CAUSES,
        *WATER_CAUSES,
        *(split.key for split in SPLITS),
        *(f"sys_{name}" for name in SYSTEMS),
        *LABELS,
    }
    used |= {*MECHANISMS, *(f"m_{name}" for name in CASCADE_STEPS), *(f"d_{name}" for name in DAMAGE_STATES)}
    used |= {*(f"t_{name}" for name in (*TECHNOLOGIES, *DAMAGE_CLASSES)), *(f"n_{name}" for name in NEEDS)}
    script = (page.HERE / "page.js").read_text(encoding="utf-8")
    used |= {key for pair in re.findall(r"\bt\([^()]*\? \"(\w+)\" : \"(\w+)\"", script) for key in pair}
    used |= {"moved_energy_not_served", "moved_person_hours_without_heat", "off_long", "adds_note"}
    used |= {
        f"standing_{what}" for what in Standing(share=0.5, more_mwh=0.0, more_h=dict.fromkeys(METRIC_NAMES, 0.0)).more
    }
    used |= {f"learned_q_{name}" for name in QUANTITIES}
    used |= {"cascade_overload", "cascade_full", "n_generators", "language_name", "locale", "no_script"}
    assert used - set(words("en")) == set()


def test_regions_have_the_names_of_the_tables_and_the_usual_ones_where_a_language_has_none(january):
    assert region_names(january, "uk")[0] == january["region_name_uk"].to_numpy()[0] != ""
    assert region_names(january, "de") == january["region_name"].to_numpy().tolist()
    half = january["region_name_uk"].to_numpy().copy()
    half[1] = ""
    named = region_names(january.assign_coords(region_name_uk=("region", half)), "uk")
    assert (named[0], named[1]) == (half[0], january["region_name"].to_numpy()[1])


@pytest.mark.skipif(not GUIDE.is_file(), reason="pages stay in the checkout")
@pytest.mark.gate  # at each edit: the files of the folder, above
def test_the_language_of_the_guide_needs_its_file_and_nothing_else(tmp_path, three):
    from gridmodel.results.run_folder import write_result
    from gridmodel.studies.run import run

    copy = copy_package(tmp_path / "copy")
    before = contents(copy)
    result = run(three())
    write_result(result, tmp_path / "result.nc")

    report = ("-m", "gridmodel", "report", str(tmp_path / "result.nc"), "--lang", "de")
    refused = CliRunner().invoke(main, report[2:])
    assert (refused.exit_code, ", ".join(f"'{code}'" for code in languages()) in refused.stderr) == (2, True)
    (script,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert python(copy, "-c", script).returncode == 0
    assert touched(before, contents(copy)) == {"gridmodel/output/lang/de.json"}

    made = python(copy, *report)
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<html lang="de">' in text
    assert '<option value="de">Deutsch</option>' in text
    inside = json.loads(re.search(r'id="words">(.*?)</script>', text).group(1))
    assert list(inside) == ["en", *sorted({*languages(), "de"} - {"en"})]
    assert {key: blanks(one) for key, one in inside["de"].items()} == {
        key: blanks(one) for key, one in inside["en"].items()
    }
    numbers = json.loads(re.search(r'id="numbers">(.*?)</script>', text).group(1))
    assert [one["names"]["de"] for one in numbers["regions"]] == np.asarray(result["region_name"]).tolist()


@pytest.mark.parametrize("recharge", RECHARGE_WORDS)
def test_how_storage_refills_is_told_in_every_language(three, recharge):
    result = gm.run(three(members=1)).assign_attrs(storage=RECHARGE_WORDS[recharge])
    key = payload(result)["storage"]
    assert words("en")[key] == RECHARGE_WORDS[recharge]
    assert words("uk")[key] != words("en")[key]


def test_titles_of_bundled_scenarios_and_of_forecasts_are_told_in_every_language():
    for name in bundled("scenarios"):
        title = gm.load_scenario(name).name
        assert title_in(title, "en") == title
        for lang in languages():
            assert title_in(title, lang) == words(lang)[f"title_of_{name}"]
    assert title_in("Forecast tuesday", "uk") == "Прогноз tuesday"
    assert title_in("Mine", "uk") == "Mine"


def test_a_number_stays_on_the_line_of_its_unit_in_every_word_of_a_page():
    for lang in languages():
        for key, text in page_words(lang).items():
            assert not re.search(
                r"[\d}] (%|°C|(MW|МВт|GWh|ГВт·год|m³|м³|EUR|h|год|million|млн|thousand)\b|тис\.)", text
            ), key
    assert unbroken("5 hours, 12 h, 3 % and 4 m³") == "5 hours, 12\u00a0h, 3\u00a0% and 4\u00a0m³"
