"""What exports of short videos and notes share: counters since publication, kept on the day a work was published.

A later export tells higher counters of the same work; it replaces the earlier ones, so works add up and days do not
count anything twice.
"""

from connectors.kinds import Column, same

PUBLISHED = "published_at"


def finishes(plays: str, rate: str) -> str:
    """Full plays out of the rate, which is a fraction, a percent text, or a bare percentage above 1."""
    return f"CAST(round({plays} * CASE WHEN {rate} > 1 THEN {rate} / 100 ELSE {rate} END) AS BIGINT)"


def video_id(title: str) -> str:
    """A stand-in for works without a number: the time of publication to the second, and what the title gives."""
    return f"strftime(published_at, '%Y%m%d%H%M%S') || '-' || left(md5({title}), 8)"


def counters(*names: str) -> dict[str, str]:
    """The columns of `video_day` that a work fills besides its number and finishes."""
    return {"day": "CAST(published_at AS DATE)", **same("title", "published_at", *names)}


COUNTS = ("likes", "comments", "shares", "new_followers")
RATE = Column("finish_rate", "rate", ("完播率", "完播率(%)", "完播率（%）"))
