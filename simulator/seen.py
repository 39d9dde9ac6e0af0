"""What those read of a world who work out its visits and its truth."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import pandas as pd

from simulator.catalogue import Catalogue
from simulator.rng import Ints


class Seen(Protocol):
    """A merchant's shops within a window; `simulator.world.World` is one, and says what each part holds."""

    seed: int
    shops: tuple[int, ...]
    start: datetime
    end: datetime
    catalogue: Catalogue

    @property
    def days(self) -> Ints: ...

    @property
    def cells(self) -> pd.DataFrame: ...

    @property
    def lines(self) -> pd.DataFrame: ...

    @property
    def sessions(self) -> pd.DataFrame: ...

    @property
    def ad_hours(self) -> pd.DataFrame: ...
