"""The funnel names the step that loses more than it used to, and what that costs."""

from components import funnel
from tests.components.made import result, texts, view

STEPS = ("visitors", "add_to_cart", "buyers", "repeat_buyers")
UNITS = dict.fromkeys(STEPS, "count")


def drawn(base: dict[str, float], lang: str = "zh") -> str:
    row = {"visitors": 1000, "add_to_cart": 200, "buyers": 36, "repeat_buyers": 4, "aov": 80.0}
    against = result([row | {f"{step}__base": value for step, value in base.items()}], *STEPS, compare="yesterday")
    here = result([row], *STEPS, "aov", units=UNITS)
    return texts(funnel.funnel(view(lang=lang), here, STEPS, {}, against))


def test_the_leak_is_told_with_rates_people_and_yuan():
    told = drawn({"visitors": 2000, "add_to_cart": 500, "buyers": 100, "repeat_buyers": 10})
    assert "漏点:" in told and "20.0%" in told and "25.0%" in told and "少了 50 人" in told
    assert "9 位买家" in told and "720" in told
    assert "Leak:" in drawn({"visitors": 2000, "add_to_cart": 500}, "en")


def test_where_no_rate_fell_nothing_leaks():
    assert "漏点" not in drawn({"visitors": 2000, "add_to_cart": 300, "buyers": 30, "repeat_buyers": 3})
    assert "漏点" not in drawn({})


def test_buyers_who_do_not_come_back_are_people_without_money():
    told = drawn({"visitors": 1000, "add_to_cart": 200, "buyers": 36, "repeat_buyers": 9})
    assert "少了 5 人" in told and "约合" not in told
