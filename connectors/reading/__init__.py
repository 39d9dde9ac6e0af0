"""From the bytes of a file to grids of text: what kind of file it is, its encoding, its delimiter, its sheets and members."""

from connectors.reading.grids import Grid, open_grids

__all__ = ["Grid", "open_grids"]
