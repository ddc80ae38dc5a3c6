"""Public names: each says what it is, and most show it by an example that the tests run."""

import inspect
import pydoc
import re

import pytest

import gridmodel as gm
from gridmodel.inputs.files import ROOT

PAGE = ROOT / "docs" / "reference" / "python.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="pages stay in the checkout")
LEAST_WITH_EXAMPLES = 0.75


def public():
    """Return what the page of the API shows, by name: all that `gridmodel` exports, and functions of its modules."""
    found = {name: getattr(gm, name) for name in gm.__all__ if name != "__version__"}
    rows = re.findall(
        r"^::: gridmodel\.(\w+)\n +options: \{ members: \[(.*)\] \}$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    return found | {
        f"{module}.{name}": getattr(found[module], name) for module, names in rows for name in names.split(", ")
    }


def functions():
    return {name: one for name, one in public().items() if inspect.isfunction(one)}


def documented(one):
    """Return the parameters that a docstring names, from its section of them."""
    section = re.search(r"\nParameters\n-+\n(.*?)(?:\n\n[A-Z][a-z]+\n-+\n|\Z)", inspect.getdoc(one), re.DOTALL)
    rows = re.findall(r"^(\w.*)$", section[1], re.MULTILINE) if section else []
    return [name for row in rows for name in re.findall(r"\w+", row)]


def test_every_public_name_has_a_docstring():
    assert len(public()) > 100
    assert [name for name, one in public().items() if not (one.__doc__ or "").strip()] == []


def test_every_public_method_and_property_of_a_public_class_has_a_docstring():
    classes = {name: one for name, one in public().items() if inspect.isclass(one)}
    missing = [
        f"{name}.{member}"
        for name, one in classes.items()
        for member, value in vars(one).items()
        if not member.startswith(("_", "model_")) and (callable(value) or isinstance(value, (property, classmethod, staticmethod)))
        and not inspect.getdoc(getattr(one, member))
    ]  # fmt: skip
    assert missing == []


def test_three_in_four_public_names_have_an_example():
    with_example = [name for name, one in public().items() if ">>> " in (one.__doc__ or "")]
    assert len(with_example) >= LEAST_WITH_EXAMPLES * len(public()), sorted(set(public()) - set(with_example))


def test_examples_are_what_a_reader_can_copy():
    """They import what they use, so that none leans on names of the module that it stands in."""
    missing = [
        name
        for name, one in public().items()
        if ">>>" in (one.__doc__ or "") and not re.search(r">>> (import|from) ", one.__doc__)
    ]
    assert missing == []


def test_help_and_the_page_name_the_parameters_that_a_function_has():
    """The page shows signature and docstring, as `help` does: the parameters of both are the same."""
    stray = {
        name: unknown
        for name, one in functions().items()
        if (unknown := [given for given in documented(one) if given not in inspect.signature(one).parameters])
    }
    assert stray == {}
    said = pydoc.render_doc(gm.run, renderer=pydoc.plaintext)
    assert documented(gm.run) == list(inspect.signature(gm.run).parameters)
    assert all(f"\n    {name}\n" in said for name in documented(gm.run)), said


def test_what_a_function_takes_beside_a_result_is_explained():
    silent = {
        name: missing
        for name, one in functions().items()
        if (missing := [given for given in inspect.signature(one).parameters
                        if given not in {"result", "self", "table", "region", "cls", *documented(one)}
                        and f"`{given}`" not in inspect.getdoc(one) and f"``{given}``" not in inspect.getdoc(one)])
    }  # fmt: skip
    assert silent == {}
