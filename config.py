"""Settings from `COCKPIT_HOME/config.toml` and the environment, checked at start; and the business's clock.

Precedence: environment (`COCKPIT_<NAME>` in capitals) over `config.toml` over the defaults below.
`now()` is the one place of the product that reads the clock, so that tests and the simulator can set it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from errors import UserError

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """What an operator can set. Every field is described in docs/operate.md."""

    home: Path = ROOT / "data"
    timezone: str = "Asia/Shanghai"
    language: str = "zh"
    host: str = "127.0.0.1"
    port: int = 8050
    default_shop: str = "默认店铺"
    memory_limit: str = "1GB"  # DuckDB's own limit; it spills to `home/tmp` beyond it
    threads: int = 0  # 0: as many as there are cores
    inbox_seconds: int = 10  # how often the inbox folder is scanned
    pull_seconds: int = 300  # how often platform APIs are asked
    settle_seconds: float = 2.0  # a file is whole when its size has not changed for so long
    backup_keep: int = 14
    session_hours: int = 12
    lockout_failures: int = 5
    lockout_minutes: int = 15
    rise_colour: str = "auto"  # 'auto' (red for zh, green for en), 'red' or 'green'
    warm_seconds: int = 60  # pages are computed ahead when data moved, at most so often; 0: never
    lead_days: int = 15  # days from order to arrival where no purchases are known
    review_days: int = 7  # how often goods are ordered again
    service_level: float = 0.95  # chance that stock lasts until the next arrival
    segment_new_days: int = 30  # first order within so many days: a new buyer
    segment_silent_days: int = 90  # no order for longer: silent
    segment_lost_days: int = 180  # no order for longer: lost
    segment_high_share: float = 0.2  # share of buyers, by what they spent, that counts as high-value
    rfm_recency: str = "30,60,90,180"  # fixed cut points of RFM: days since the last order,
    rfm_frequency: str = "1,2,3,5"  # orders,
    rfm_money: str = "100,300,1000,3000"  # and yuan
    settle_days: int = 7  # days from the end of an order to its settlement; reconciliation waits so long
    ship_hours: int = 48  # hours to ship where an order promises no time
    # what reconciliation tolerates, absolute and as a share: yuan, of shipments orders; the larger counts
    tolerance_refunds: str = "0.01,0"
    tolerance_settlement: str = "1,0.001"
    tolerance_funds: str = "0.01,0"
    tolerance_fees: str = "0,0"
    tolerance_commissions: str = "0,0"
    tolerance_api: str = "0,0"
    tolerance_shipments: str = "0,0.005"
    tolerance_ads: str = "100,0.2"
    tolerance_ad_funds: str = "1,0.01"
    web_threads: int = 8  # requests answered at the same time
    trusted_proxy: str = ""  # address of a reverse proxy whose X-Forwarded-… headers are believed

    @property
    def warehouse_file(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def ledger_file(self) -> Path:
        return self.home / "ledger.sqlite"

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def backups(self) -> Path:
        return self.home / "backups"

    @property
    def tmp(self) -> Path:
        return self.home / "tmp"


def _coerce(name: str, value: object, default: object, where: str) -> object:
    try:
        if isinstance(default, Path):
            return Path(str(value)).expanduser().resolve()
        return type(default)(value)  # type: ignore[call-arg]
    except (TypeError, ValueError):
        raise UserError("setting_type", name=name, value=value, where=where, wanted=type(default).__name__) from None


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises:
        UserError: `setting_type`, `setting_unknown`, `setting_value` or `config_syntax`, naming the field and the file.
    """
    env = os.environ if environ is None else environ
    base = Settings()
    home = Path(env.get("COCKPIT_HOME") or base.home).expanduser().resolve()
    known = {field.name: getattr(base, field.name) for field in fields(Settings)}
    values: dict[str, object] = {}
    path = home / "config.toml"
    if path.exists():
        try:
            table = tomllib.loads(path.read_text("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UserError("config_syntax", path=path, detail=error) from None
        for name, value in table.items():
            if isinstance(value, dict):
                continue  # sections belong to sources ([source.NAME]); their connectors read them
            if name not in known or name == "home":
                raise UserError("setting_unknown", name=name, path=path)
            values[name] = _coerce(name, value, known[name], str(path))
    for name, default in known.items():
        variable = f"COCKPIT_{name.upper()}"
        if name != "home" and variable in env:
            values[name] = _coerce(name, env[variable], default, variable)
    settings = replace(base, home=home, **values)  # type: ignore[arg-type]
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise UserError("setting_value", name="timezone", value=settings.timezone) from None
    if not 0.5 <= settings.service_level < 1:
        raise UserError("setting_value", name="service_level", value=settings.service_level)
    _check_segments(settings)
    for name in (name for name in known if name.startswith("tolerance_")):
        tolerance(settings, name.removeprefix("tolerance_"))
    if settings.language not in ("zh", "en"):
        raise UserError("setting_value", name="language", value=settings.language)
    return settings


def _check_segments(settings: Settings) -> None:
    if not 0 < settings.segment_new_days <= settings.segment_silent_days < settings.segment_lost_days:
        raise UserError("setting_value", name="segment_silent_days", value=settings.segment_silent_days)
    if not 0 < settings.segment_high_share < 1:
        raise UserError("setting_value", name="segment_high_share", value=settings.segment_high_share)
    for name in ("rfm_recency", "rfm_frequency", "rfm_money"):
        cut_points(name, getattr(settings, name))


def cut_points(name: str, told: str) -> tuple[float, ...]:
    """Four rising numbers out of a setting like `30,60,90,180`: they part five scores.

    Raises:
        UserError: `setting_value` for anything else.
    """
    try:
        points = tuple(float(part) for part in told.split(","))
    except ValueError:
        points = ()
    if len(points) != 4 or any(low >= high for low, high in zip(points, points[1:], strict=False)):
        raise UserError("setting_value", name=name, value=told)
    return points


def tolerance(settings: Settings, pair: str) -> tuple[float, float]:
    """What a reconciled pair may differ by: absolute, and as a share of its left side.

    Raises:
        UserError: `setting_value` for anything but two numbers from 0 on, such as `1,0.001`.
    """
    name = f"tolerance_{pair}"
    told = getattr(settings, name)
    try:
        absolute, share = (float(part) for part in told.split(","))
    except ValueError:
        absolute = share = -1.0
    if not (absolute >= 0 and 0 <= share < 1):
        raise UserError("setting_value", name=name, value=told)
    return absolute, share


def source_sections(settings: Settings) -> dict[str, dict[str, object]]:
    """`[source.NAME]` tables of config.toml, by name; empty without a file."""
    path = settings.home / "config.toml"
    if not path.exists():
        return {}
    table = tomllib.loads(path.read_text("utf-8-sig")).get("source", {})
    return {name: dict(section) for name, section in table.items()}


_frozen: datetime | None = None


def freeze(moment: datetime | None) -> None:
    """Stop the clock at `moment` (business wall clock), or let it run again with None. For tests and replays."""
    global _frozen
    _frozen = moment


def now(settings: Settings | None = None) -> datetime:
    """The business's wall clock, naive, as every TIMESTAMP of the warehouse."""
    if _frozen is not None:
        return _frozen
    zone = ZoneInfo(settings.timezone if settings else Settings.timezone)
    return datetime.now(zone).replace(tzinfo=None)
