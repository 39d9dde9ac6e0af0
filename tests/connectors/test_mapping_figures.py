# ruff: noqa: E501 - tables of figures stand as they are
"""The mapping files of `mappings/` on the real data they are for, against the reference figures, through `query`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import connectors
from config import ROOT, Settings
from connectors.mapping_set import SetMapping
from metrics import Query, Scope, Slice, cohorts, query, repurchase, rfm_classes, segments, thresholds
from warehouse import Warehouse

SHARED = ROOT.parent / "shared"
if not SHARED.is_dir():
    pytest.skip(f"no data sets at {SHARED}", allow_module_level=True)

CENT, RATE = 0.0051, 1e-9
Ask = Callable[..., list[dict[str, Any]]]


def told(name: str) -> dict[str, Any]:
    found = json.loads((SHARED / "reference" / "figures" / f"{name}.json").read_text("utf-8"))
    return {key: item["value"] for part in ("figures", "series") for key, item in found.get(part, {}).items()}


def files(name: str) -> list[Path]:
    return sorted(path for path in (SHARED / "datasets" / name).iterdir() if path.is_file() and path.suffix != ".md")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], tuple[Warehouse, list[Any]]]]:
    """Loads a data set by its mapping, once; gives its warehouse and what loading reported."""
    open_ones: dict[str, tuple[Warehouse, list[Any]]] = {}

    def of(name: str) -> tuple[Warehouse, list[Any]]:
        if name not in open_ones:
            settings = replace(Settings(), home=tmp_path_factory.mktemp(name))
            warehouse = Warehouse.open(settings)
            mapping = connectors.load_mapping(ROOT / "mappings" / f"{name}.toml")
            assert isinstance(mapping, SetMapping)
            batches = connectors.read_mapped(files(name), mapping, settings=settings)
            open_ones[name] = (warehouse, [warehouse.load(batch) for batch in batches])
        return open_ones[name]

    yield of
    for warehouse, _ in open_ones.values():
        warehouse.close()


@pytest.fixture
def loaded(opened) -> Callable[[str], tuple[Ask, list[Any]]]:
    """The same with a way to ask in place of the warehouse."""

    def of(name: str) -> tuple[Ask, list[Any]]:
        warehouse, reports = opened(name)

        def ask(*metrics: str, **more: Any) -> list[dict[str, Any]]:
            return query(warehouse, Query(metrics, **more), Scope.everything()).rows

        return ask, reports

    return of


TOTALS = {  # data set → metric → figure (a name, or a way to it)
    "olist_3k": {
        "gmv": "gmv_all", "orders": "orders", "net_sales": "gmv_valid", "order_amount": "paid_amount_all",
        "items": "items", "rating": "review_avg", "bad_review_rate": "negative_review_rate",
    },
    "uci_online_retail": {
        "gmv": "gross_sales", "orders": "orders", "refund_amount": "returns", "net_sales": "net_sales",
        "refund_orders": "return_invoices", "order_value": "aov", "refund_rate": "return_rate_amount",
        "buyers": "buyers", "repeat_rate": "repeat_buyer_share", "repurchase_rate_30": "repurchase_30d.rate",
        "repurchase_rate_90": "repurchase_90d.rate",
    },
    "superstore_cn": {
        "gmv": "sales", "orders": "orders", "items": "units", "order_value": "aov", "buyers": "customers",
        "refund_amount": "returned_sales", "net_sales": "net_sales", "refund_rate": "return_rate_amount",
        "repurchase_rate_30": "repurchase_30d.rate", "repurchase_rate_90": "repurchase_90d.rate",
    },
    "gms_marketing_2019": {
        "gmv": "gmv", "orders": "orders", "order_amount": "invoice_total", "order_value": "aov", "buyers": "customers",
        "ad_spend": "spend.total", "cac": "cac_blended", "repurchase_rate_30": "repurchase_30d.rate",
        "repurchase_rate_90": "repurchase_90d.rate",
    },
    "facebook_kag": {
        "ad_exposures": "totals.impressions", "ad_clicks": "totals.clicks", "ad_spend": "totals.spend",
        "ad_orders": "totals.sales", "ad_ctr": "totals.ctr", "ad_cpm": "totals.cpm", "ad_cpc": "totals.cpc",
        "ad_cvr": "totals.cvr", "ad_cpa": "totals.cpa",
    },
}  # fmt: skip
ROWS = {  # data set → loads: rows read, accepted (rows that are none of a load are not read)
    "olist_3k": [(3397, 3397), (24, 24), (2993, 2993)],
    "uci_online_retail": [(539391, 539391)],
    "superstore_cn": [(10000, 10000)],
    "gms_marketing_2019": [(52924, 52924), (365, 365)],
    "facebook_kag": [(1143, 1143)],
    "cn_ad_channels": [(889, 889)],
    "taobao_beauty_double11": [(27598, 27512)],
}
SERIES = [  # data set, series, its key, our dimension or grain, metric → its name in the series
    ("olist_3k", "by_month", "order_purchase_timestamp", "month", {"gmv": "gmv", "orders": "orders", "order_amount": "paid"}),
    ("olist_3k", "by_state", "customer_state", "province", {"gmv": "gmv", "orders": "orders"}),
    ("olist_3k", "top10_category", "product_category_name", "category", {"gmv": "price"}),
    ("olist_3k", "top10_sku", "product_id", "product", {"gmv": "price"}),
    ("uci_online_retail", "by_month", "InvoiceDate", "month",
     {"gmv": "gross", "orders": "orders", "refund_amount": "returns", "net_sales": "net"}),
    ("uci_online_retail", "by_day", "InvoiceDate", "day", {"gmv": "gross", "orders": "orders"}),
    ("uci_online_retail", "by_country", "Country", "province", {"gmv": "gross", "orders": "orders"}),
    ("uci_online_retail", "top10_sku", "StockCode", "product", {"gmv": "amt"}),
    ("uci_online_retail", "new_vs_returning_by_month", "", "month", {"buyers": "buyers", "new_buyers": "new_buyers"}),
    ("superstore_cn", "by_year", "od", "year", {"gmv": "sales", "orders": "orders"}),
    ("superstore_cn", "by_month", "od", "month", {"gmv": "sales", "orders": "orders"}),
    ("superstore_cn", "by_province", "prov", "province", {"gmv": "sales", "orders": "orders"}),
    ("superstore_cn", "by_category", "cat", "category", {"gmv": "sales", "orders": "orders"}),
    ("superstore_cn", "top10_sku", "sku", "product", {"gmv": "sales"}),
    ("superstore_cn", "new_vs_returning_by_month", "", "month",
     {"buyers": "buyers", "new_buyers": "new_buyers", "new_buyer_gmv": "new_amount", "returning_buyer_gmv": "returning_amount"}),
    ("gms_marketing_2019", "by_month", "date", "month",
     {"gmv": "gmv", "order_amount": "invoice", "orders": "orders", "buyers": "customers", "ad_spend": "spend", "cac": "cac"}),
    ("gms_marketing_2019", "by_day", "date", "day", {"gmv": "gmv", "orders": "orders", "ad_spend": "spend"}),
    ("gms_marketing_2019", "by_category", "Product_Category", "category", {"gmv": "gmv", "items": "units", "orders": "orders"}),
    ("gms_marketing_2019", "by_location", "Location", "province", {"gmv": "gmv", "buyers": "customers"}),
    ("gms_marketing_2019", "top10_sku", "Product_SKU", "product", {"gmv": "gmv"}),
    ("gms_marketing_2019", "new_vs_returning_by_month", "", "month",
     {"buyers": "buyers", "new_buyers": "new_buyers", "new_buyer_gmv": "new_amount", "returning_buyer_gmv": "returning_amount"}),
    ("facebook_kag", "by_xyz_campaign_id", "key", "campaign",
     {"ad_exposures": "impressions", "ad_clicks": "clicks", "ad_spend": "spend", "ad_orders": "sales", "ad_ctr": "ctr",
      "ad_cpm": "cpm", "ad_cpc": "cpc", "ad_cvr": "cvr", "ad_cpa": "cpa"}),
    ("facebook_kag", "by_day", "day", "day",
     {"ad_exposures": "impressions", "ad_clicks": "clicks", "ad_spend": "spend", "ad_orders": "sales", "ad_ctr": "ctr",
      "ad_cvr": "cvr"}),
    ("taobao_beauty_double11", "rows_by_day", "day", "day", {"skus_active": "listings"}),
]  # fmt: skip
CHANGES = [
    ("olist_3k", "gmv_mom", "month"),
    ("uci_online_retail", "gross_mom", "month"),
    ("superstore_cn", "sales_yoy", "year"),
    ("superstore_cn", "sales_mom", "month"),
    ("gms_marketing_2019", "gmv_mom", "month"),
]


def near(metric: str, found: float | None, expected: float | None) -> bool:
    """Money to the cent, rates to 1e-9, counts exactly."""
    if found is None or expected is None:
        return not found and not expected
    unit = connectors_unit(metric)
    return abs(found - expected) <= (CENT if unit == "yuan" else 0 if unit == "count" else RATE)


def connectors_unit(metric: str) -> str:
    from metrics import catalogue

    return catalogue()[metric].unit


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_accounted_for(loaded, name: str) -> None:
    _, reports = loaded(name)
    assert [(report.rows_read, report.accepted) for report in reports] == ROWS[name]
    for report in reports:
        assert report.rows_read == report.accepted + report.unchanged + report.quarantined
        assert report.quarantined == 0


@pytest.mark.parametrize(("name", "metric"), [(name, metric) for name, known in TOTALS.items() for metric in known])
def test_totals(loaded, name: str, metric: str) -> None:
    expected: Any = told(name)
    for step in TOTALS[name][metric].split("."):
        expected = expected[step]
    (row,) = loaded(name)[0](metric)
    assert near(metric, row[metric], expected), (metric, row[metric], expected)


@pytest.mark.parametrize(("name", "series", "key", "by", "metrics"), SERIES, ids=lambda value: str(value)[:24])
def test_series(loaded, name: str, series: str, key: str, by: str, metrics: dict[str, str]) -> None:
    rows = told(name)[series]
    known = {str(row[key]): row for row in rows} if isinstance(rows, list) else rows
    grained = by in ("day", "month", "year")
    found = loaded(name)[0](*metrics, **({"grain": by} if grained else {"dimensions": (by,)}))
    mine = {str(row[by])[: {"month": 7, "year": 4}.get(by, 10)] if grained else str(row[by]): row for row in found}
    wrong = [
        (place, metric, mine.get(place, {}).get(metric), row[theirs])
        for place, row in known.items()
        for metric, theirs in metrics.items()
        if not near(metric, mine.get(place, {}).get(metric), row[theirs])
    ]
    assert wrong == []


@pytest.mark.parametrize(("name", "series", "grain"), CHANGES, ids=lambda value: str(value))
def test_change_from_one_period_to_the_next(loaded, name: str, series: str, grain: str) -> None:
    """The figures compare with the previous period that is listed; so do we, from the exact values of `query`."""
    rows = [row for row in loaded(name)[0]("gmv", grain=grain) if row["gmv"] is not None]
    found = {str(row[grain])[: 7 if grain == "month" else 4]: row["gmv"] for row in rows}
    places = sorted(found)
    for place, expected in told(name)[series].items():
        if expected is None:
            continue
        before = found[places[places.index(place) - 1]]
        cents = 0.01 / before  # what rounding both to the cent can do to the change
        assert abs(found[place] / before - 1 - expected) <= max(RATE, 2 * cents), place


YOY = [
    ("superstore_cn", "sales_yoy", "year"),
    ("superstore_cn", "sales_yoy_by_month", "month"),
    ("olist_3k", "gmv_yoy_by_month", "month"),
]


@pytest.mark.parametrize(("name", "series", "grain"), YOY, ids=lambda value: str(value))
def test_change_from_the_year_before(loaded, name: str, series: str, grain: str) -> None:
    """`compare=last_year` in one question by month or year; the last one, in which the file ends, by its two values:
    a comparison would cut both at that moment, where the figures do not."""
    ask = loaded(name)[0]
    cut = 7 if grain == "month" else 4
    found = {str(row[grain])[:cut]: row for row in ask("gmv", grain=grain, compare="last_year")}
    whole = {str(row[grain])[:cut]: row["gmv"] for row in ask("gmv", grain=grain)}
    expected = {place: change for place, change in told(name)[series].items() if change is not None}
    assert expected
    for place, change in expected.items():
        before = whole[f"{int(place[:4]) - 1}{place[4:]}"]
        mine = whole[place] / before - 1 if place == max(whole) else found[place]["gmv__pct"]
        assert mine == pytest.approx(change, abs=max(RATE, 0.02 / before)), place


def test_a_month_that_stops_is_compared_like_for_like(loaded) -> None:
    from metrics import Period

    ask, known = loaded("uci_online_retail")[0], told("uci_online_retail")["yoy_december_1_to_9"]
    for year in (2010, 2011):
        (row,) = ask("gmv", period=Period.days(date(year, 12, 1), date(year, 12, 9)))
        assert row["gmv"] == pytest.approx(known[f"y{year}"], abs=CENT)
    (row,) = ask("gmv", period=Period.days(date(2011, 12, 1), date(2011, 12, 9)), compare="last_year")
    assert row["gmv"] == pytest.approx(known["y2011"], abs=CENT)
    assert 0 < row["gmv__base"] < known["y2010"]  # cut at 12:50 of the ninth, where the file ends


def test_beauty_products_keep_their_last_price(loaded) -> None:
    ask, _ = loaded("taobao_beauty_double11")
    assert {row["shop"]: row["skus_active"] for row in ask("skus_active", dimensions=("shop",))}.keys() == {
        row["店名"] for row in told("taobao_beauty_double11")["by_brand_latest"]
    }


def test_channels_without_name_give_clicks_and_orders(loaded) -> None:
    (row,) = loaded("cn_ad_channels")[0]("ad_clicks", "ad_orders", "ad_cvr", "ad_spend")
    assert row["ad_clicks"] > row["ad_orders"] > 0
    assert row["ad_cvr"] == pytest.approx(row["ad_orders"] / row["ad_clicks"])
    assert row["ad_spend"] is None


CLASSES = {
    "champion": "重要价值", "develop": "重要发展", "keep": "重要保持", "win_back": "重要挽留",
    "common_champion": "一般价值", "common_develop": "一般发展", "common_keep": "一般保持", "common_win_back": "一般挽留",
}  # fmt: skip
WITH_BUYERS = ("uci_online_retail", "superstore_cn", "gms_marketing_2019")


@pytest.mark.parametrize("name", WITH_BUYERS)
def test_recency_frequency_and_money(opened, name: str) -> None:
    """Every class of RFM holds its buyers and their money, at the day after the last order."""
    warehouse, expected = opened(name)[0], told(name)["rfm"]
    found = rfm_classes(warehouse, Slice(), Scope.everything())
    assert str(found.period.end.date()) == expected["asof"]
    assert {CLASSES[row["rfm_class"]]: row["buyers"] for row in found.rows} == expected["segments"]
    for row in found.rows:
        assert row["gmv"] == pytest.approx(expected["M_by_segment"][CLASSES[row["rfm_class"]]], abs=CENT)
    rows = query(warehouse, Query(("buyers", "gmv"), ("rfm",)), Scope.everything()).rows
    assert {CLASSES[row["rfm"]]: row["buyers"] for row in rows if row["rfm"]} == expected["segments"]
    assert all(
        row["gmv"] == pytest.approx(expected["M_by_segment"][CLASSES[row["rfm"]]], abs=CENT)
        for row in rows
        if row["rfm"]
    )
    points = thresholds(warehouse, Slice(), Scope.everything())
    assert points is not None
    assert points.means == pytest.approx((expected["mean_R_days"], expected["mean_F"], expected["mean_M"]), rel=RATE)
    parted = segments(warehouse, Slice(), Scope.everything()).rows
    assert sum(row["buyers"] for row in parted) == expected["buyers"]


@pytest.mark.parametrize("name", WITH_BUYERS)
def test_repurchase_curve(opened, name: str) -> None:
    rows = {row["days"]: row for row in repurchase(opened(name)[0], Slice(), Scope.everything()).rows}
    for days in (30, 90):
        expected = told(name)[f"repurchase_{days}d"]
        assert (rows[days]["again"], rows[days]["able"]) == (expected["repurchasers"], expected["eligible_buyers"])
        assert rows[days]["share"] == pytest.approx(expected["rate"], rel=RATE)


@pytest.mark.parametrize("name", WITH_BUYERS)
def test_the_cohorts_begin_with_the_new_buyers_and_hold_all_others(opened, name: str) -> None:
    """The triangle's diagonals are the buyers of each month: new ones in the first column, returning ones behind."""
    rows = cohorts(opened(name)[0], Slice(), Scope.everything(), months=1000).rows
    months = [date.fromisoformat(f"{row['cohort']}-01") for row in rows]
    at = [(m.year * 12 + m.month - 1 + row["months"]) for m, row in zip(months, rows, strict=True)]
    for month, expected in told(name)["new_vs_returning_by_month"].items():
        number = int(month[:4]) * 12 + int(month[5:7]) - 1
        here = [row for row, place in zip(rows, at, strict=True) if place == number]
        new = [row for row in here if row["months"] == 0]
        assert sum(row["buyers"] for row in here) == expected["buyers"]
        assert sum(row["buyers"] for row in new) == expected["new_buyers"]
        assert sum(row["gmv"] for row in new) == pytest.approx(expected["new_amount"], abs=CENT)
        back = sum(row["gmv"] for row in here if row["months"])
        assert back == pytest.approx(expected["returning_amount"], abs=CENT * max(1, len(here)))
