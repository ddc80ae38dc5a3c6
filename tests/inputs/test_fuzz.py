"""Thousands of mutants of valid files of every format are read, or refused with their problems: nothing else is raised."""

import random
import time

import fuzzing
import pytest
from conftest import LONG

from gridmodel.weather.parsing.file import File
from gridmodel.weather.registry import detect, formats

MUTANTS = 20_000 if LONG else 200
SLOWEST_S = 10
"""Processor time that no mutant may take."""


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    where = tmp_path_factory.mktemp("fuzz")
    found = fuzzing.seeds(where)
    return {name: (seed, seed[0].read_bytes()) for name, seed in found.items()}


@pytest.mark.filterwarnings("ignore:.*is not UTF-8", "ignore:.*has no unit")
@pytest.mark.gate  # at each edit: each reader on files of its own
def test_every_seed_is_read(seeds):
    for seed, _ in seeds.values():
        seed[1](seed[0])
    assert len(seeds) > 50


@pytest.mark.gate  # at each edit: each reader on files of its own
def test_every_format_of_weather_has_a_seed(seeds):
    found = set()
    for name, (seed, _) in seeds.items():
        if name.startswith("weather"):
            with File(seed[0]) as file:
                found.add(detect(file).name)
    assert found == {each.name for each in formats()}


@pytest.mark.parametrize("part", range(3))
@pytest.mark.gate  # at each edit: mutants of results, in `test_stranger_result.py`, and each reader on files that are wrong
def test_a_mutant_of_any_format_is_read_or_refused_with_its_problems(seeds, part):
    failures, read, tried, names = [], 0, 0, sorted(seeds)
    chance = random.Random(20)  # noqa: S311 - mutations, no secrets
    for number in range(MUTANTS):
        name = names[number % len(names)]
        key = chance.randrange(2**32)
        if number % 3 != part:
            continue
        tried += 1
        begun = time.process_time()
        try:
            read += fuzzing.try_mutant(*seeds[name], key)
        except Exception as error:  # noqa: BLE001 - a traceback is what the test looks for
            failures.append(f"{name}, {key}: {type(error).__name__}: {str(error)[:200]}")
        if time.process_time() - begun > SLOWEST_S:
            failures.append(f"{name}, {key}: took {time.process_time() - begun:.0f} s")
    assert not failures, f"{len(failures)}\n" + "\n".join(failures)
    assert 0.01 < read / tried < 0.9  # some changes matter, and not all of them
