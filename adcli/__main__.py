"""Run adcli as `python -m adcli`."""

from .cli import main

main()
