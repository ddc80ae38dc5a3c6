"""Descriptions of settings are the texts below them, and are read only when somebody asks."""

import subprocess
import sys

from pydantic import BaseModel, ConfigDict, Field, create_model

from gridmodel.scenario import Mitigation, Scenario
from gridmodel.scenario.described import described_fields, fields_of
from gridmodel.scenario.fields import Group


class Plain(Group):
    """Settings as those of a scenario are written."""

    first_mw: float = 1.0
    """Text of one line [MW]."""
    second_c: float = 2.0
    """Text that goes on
    in a second line [degC]."""
    third: float = Field(3.0, description="Text that is given.")
    fourth: float = 4.0


class More(Plain):
    """Settings that add one to others."""

    fifth_h: float = 5.0
    """Text of its own [h]."""
    first_mw: float = 6.0
    """Text that replaces another [MW]."""


class Known(BaseModel):
    """The same, whose texts pydantic reads while it makes the class."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    first_mw: float = 1.0
    """Text of one line [MW]."""
    second_c: float = 2.0
    """Text that goes on
    in a second line [degC]."""
    third: float = Field(3.0, description="Text that is given.")
    fourth: float = 4.0


def texts(kind):
    return {name: field.description for name, field in kind.model_fields.items()}


def test_the_text_below_a_setting_is_its_description_as_pydantic_reads_it():
    assert texts(Plain) == texts(Known)
    assert texts(Plain)["second_c"] == "Text that goes on\nin a second line [degC]."
    assert texts(Plain)["fourth"] is None


def test_settings_of_a_class_above_keep_their_text_unless_it_is_replaced():
    assert texts(More) == {
        **texts(Plain),
        "fifth_h": "Text of its own [h].",
        "first_mw": "Text that replaces another [MW].",
    }


def test_copied_settings_have_the_text_of_the_class_that_they_are_copied_from():
    copied = create_model("copied", __base__=Group, first_mw=(float, fields_of(Plain)["first_mw"]))
    copied.made_of = (Plain,)
    assert texts(copied) == {"first_mw": "Text of one line [MW]."}


def test_a_json_schema_tells_the_text_of_each_setting_also_within_others():
    made = Scenario.model_json_schema()
    assert made["properties"]["set_point_c"]["description"] == Scenario.model_fields["set_point_c"].description
    within = {name: entry["description"] for name, entry in made["$defs"]["Mitigation"]["properties"].items()}
    assert within == texts(Mitigation)
    assert Plain.model_json_schema()["properties"]["first_mw"]["description"] == "Text of one line [MW]."


def test_a_class_without_source_has_no_texts():
    made = create_model("made", __base__=Group, __module__="builtins", value_mw=(float, 1.0))
    assert described_fields(made)["value_mw"].description is None


def test_reading_a_scenario_reads_no_description():
    asked = "import gridmodel as gm, gridmodel.scenario.described as d; gm.load_scenario('three-region'); print(d._texts.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
