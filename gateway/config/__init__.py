"""The configuration: one TOML file, every key defined once in `schema`, read by `load`, printed by `effective`."""

from gateway.config.load import ConfigError, load
from gateway.config.schema import Config
from gateway.config.show import effective, sample

__all__ = ["Config", "ConfigError", "effective", "load", "sample"]
