"""Makers of the JSON Schema of a scenario: one with distributions for those who write files, one of plain numbers."""

from __future__ import annotations

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from gridmodel.scenario.described import DescribedSchema
from gridmodel.scenario.drawable import numbers_in, widen


class ScenarioSchema(DescribedSchema):
    """Maker of a JSON Schema in which a number may also be a distribution."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Return the schema with its distributions, in alphabetical order."""
        for _, leaf in numbers_in(value):
            widen(leaf)
        return super().sort(value, parent_key)


class PlainSchema(GenerateJsonSchema):
    """Maker of a JSON Schema that says only which values are allowed, which takes a fifth of the time."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema of a setting without its default."""
        return self.generate_inner(schema["schema"])

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002 - as of pydantic
        """Return the schema as it is."""
        return value
