"""The version of adcli, for what is printed and what is stored."""

__version__ = "0.2.0"
