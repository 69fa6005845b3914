"""Results that print themselves, in a terminal and a notebook; how is said in show.py, imported only then."""


class Shown:
    """A result about a formula (`source`); its text is what the command line prints for it."""

    source: object

    @property
    def formula(self) -> str:
        """The formula as it was understood."""
        return str(self.source)

    def __repr__(self) -> str:
        from .show import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from .show import as_html

        return as_html(self)
