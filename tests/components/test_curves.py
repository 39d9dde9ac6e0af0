"""Curves: no invented zeros, no joined holes, comparisons on the same axis, few points."""

from datetime import datetime, timedelta

from components import trend
from components.series import series
from components.sparkline import sparkline
from metrics.types import Period
from tests.components.made import DAY, NOW, result, texts, view


def hours(values, **more):
    rows = [{"hour": f"2026-11-11 {hour:02d}:00", "gmv": value} for hour, value in values.items()]
    return result(rows, "gmv", grain="hour", **more)


def test_hours_without_sales_are_zero_inside_known_time_and_nothing_after_it():
    times, values = series(hours({9: 5.0, 12: 7.0}), "gmv", "gmv")
    assert times[0] == datetime(2026, 11, 11) and times[-1] == datetime(2026, 11, 11, 16)
    assert values[9] == 5.0 and values[10] == 0.0 and len(values) == 17


def test_a_rate_without_a_divisor_stays_unknown():
    rows = [{"hour": "2026-11-11 09:00", "cvr": 0.03}, {"hour": "2026-11-11 11:00", "cvr": 0.04}]
    _, values = series(result(rows, "cvr", units={"cvr": "rate"}, grain="hour"), "cvr", "cvr")
    assert values[10] is None and values[11] == 0.04


def test_months_and_weeks_step_by_the_calendar():
    rows = [{"month": "2026-01-01", "gmv": 1.0}, {"month": "2026-03-01", "gmv": 3.0}]
    year = Period(datetime(2026, 1, 1), datetime(2027, 1, 1))
    times, values = series(result(rows, "gmv", grain="month", period=year, as_of=datetime(2026, 3, 9)), "gmv", "gmv")
    assert [at.month for at in times] == [1, 2, 3] and values == [1.0, 0.0, 3.0]


def test_unknown_hours_between_known_ones_are_a_hatched_gap():
    found = hours({8: 1.0, 9: None, 10: None, 11: 2.0})
    assert trend.gaps(found, "gmv") == [(datetime(2026, 11, 11, 9), datetime(2026, 11, 11, 11))]
    drawn = trend.figure(view(), {"curve": found}, "gmv")
    assert drawn["data"][0]["fillpattern"]["shape"] == "/"
    assert None in drawn["data"][1]["y"] and drawn["data"][1]["connectgaps"] is False


def test_time_that_not_every_source_has_told_is_hatched():
    found = hours({8: 1.0, 15: 2.0}, complete_through=datetime(2026, 11, 11, 14))
    assert trend.gaps(found, "gmv") == [(datetime(2026, 11, 11, 14), NOW)]


def test_yesterday_is_drawn_over_todays_hours_to_its_end():
    before = Period(DAY.start - timedelta(days=1), DAY.end - timedelta(days=1))
    rows = [{"hour": f"2026-11-10 {hour:02d}:00", "gmv": 3.0} for hour in range(24)]
    found = {"curve": hours({9: 5.0}), "yesterday": result(rows, "gmv", grain="hour", period=before)}
    ghost, main = trend.figure(view(), found, "gmv")["data"][:2]
    assert (
        ghost["name"] == "昨日" and ghost["x"][-1] == "2026-11-11T23:00:00" and main["x"][-1] == "2026-11-11T15:00:00"
    )
    assert ghost["line"]["width"] < main["line"]["width"]


def test_a_day_by_minutes_is_thinned_to_the_screen():
    rows = [{"minute": f"2026-11-11 {m // 60:02d}:{m % 60:02d}", "gmv": 1.0} for m in range(1440)]
    full = result(rows, "gmv", grain="minute", as_of=DAY.end, complete_through=DAY.end)
    main = trend.figure(view(), {"curve": full}, "gmv")["data"][0]
    assert len(main["x"]) <= trend.MOST_POINTS and main["type"] == "scatter"


def test_labels_at_one_place_do_not_lie_over_each_other():
    notes = [
        {"x": "2026-11-11T17:00", "y": 10.0},
        {"x": "2026-11-11T20:00", "y": 10.1},
        {"x": "2026-11-11T20:00", "y": 0},
    ]
    trend._spread(notes, [0.0, 100.0], DAY)
    pixel = 100.0 / trend.PLOT_HEIGHT
    heights = sorted(note["y"] / pixel + note["yshift"] for note in notes)
    assert all(b - a >= trend.LABEL_HEIGHT - 1e-9 for a, b in zip(heights, heights[1:], strict=False))


def test_nothing_known_is_said_not_drawn():
    assert "没有数据" in texts(trend.trend(view(), "g", {"curve": hours({})}, "gmv"))


def test_a_sparkline_breaks_at_unknown_values_and_needs_two_points():
    assert sparkline([1.0]) is None and sparkline([None, 2.0]) is None
    path = sparkline([1.0, None, 2.0, 3.0]).children[-1].style["maskImage"]
    assert path.count("M") == 2
