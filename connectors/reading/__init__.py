"""From the bytes of a file to grids of text: its kind, encoding, delimiter, sheets and members."""

from connectors.reading.grids import Grid, open_grids

__all__ = ["Grid", "open_grids"]
