"""A scenario made of a weather forecast of the user: its weather, its text, and writing both."""

from gridmodel.studies.forecast.make import scenario_from_forecast, write_forecast

__all__ = ["scenario_from_forecast", "write_forecast"]
