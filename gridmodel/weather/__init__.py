"""Temperature series: read and checked."""

from gridmodel.weather.own import write as write_weather
from gridmodel.weather.read import HISTORY_DAYS, check_weather, load_weather, read_weather, weather_for

__all__ = ["HISTORY_DAYS", "check_weather", "load_weather", "read_weather", "weather_for", "write_weather"]
