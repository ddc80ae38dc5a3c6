"""The list of mutants keeps up with the code; `make mutants` tries them."""

import mutants
import pytest


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: mutant.says)
def test_what_a_mutant_replaces_stands_in_its_module_once_and_its_tests_exist(mutant):
    assert mutants.place(mutant).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.new != mutant.old
    assert all((mutants.ROOT / name).is_file() for name in mutant.tests)
