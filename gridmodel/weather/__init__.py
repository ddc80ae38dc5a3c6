"""Temperature series: read, checked, generated, and their indices."""

from gridmodel.weather import indices
from gridmodel.weather.generator.extremes import return_levels
from gridmodel.weather.generator.generate import design_cold_spell, generate_weather
from gridmodel.weather.needed import HISTORY_DAYS, examine_weather, weather_for, weather_of
from gridmodel.weather.read import check_weather, load_weather, read_weather
from gridmodel.weather.write import write as write_weather

__all__ = [
    "HISTORY_DAYS",
    "check_weather",
    "design_cold_spell",
    "examine_weather",
    "generate_weather",
    "indices",
    "load_weather",
    "read_weather",
    "return_levels",
    "weather_for",
    "weather_of",
    "write_weather",
]
