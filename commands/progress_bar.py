"""How far a command has come, on one line of a terminal."""

from __future__ import annotations

import sys


class ProgressBar:
    """One line on standard error that is drawn over; only for a terminal."""

    WIDTH = 28

    def __init__(self) -> None:
        self._drawn = False

    def show(self, share: float, label: str) -> None:
        """Draw the bar at `share` (0 to 1)."""
        filled = round(max(0.0, min(1.0, share)) * self.WIDTH)
        bar = "█" * filled + "░" * (self.WIDTH - filled)
        sys.stderr.write(f"\r\033[K{bar} {share:4.0%} {label[:60]}")
        sys.stderr.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the bar away."""
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
