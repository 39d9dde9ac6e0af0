"""SQL that several kinds share: the words people write for platforms, channels, periods and metrics' months."""


def cases(expression: str, words: dict[str, tuple[str, ...]], otherwise: str = "NULL") -> str:
    """`CASE` that maps texts to a code, case-insensitively."""
    arms = " ".join(
        f"WHEN lower({expression}) IN ({', '.join(repr(word.lower()) for word in texts)}) THEN '{code}'"
        for code, texts in words.items()
    )
    return f"CASE {arms} ELSE {otherwise} END"


PLATFORMS = {
    "douyin": ("douyin", "抖音", "抖店", "抖音小店", "抖音电商"),
    "taobao": ("taobao", "淘宝"),
    "tmall": ("tmall", "天猫", "天猫旗舰店"),
    "jd": ("jd", "京东", "京东商城"),
    "pdd": ("pdd", "拼多多", "多多"),
    "kuaishou": ("kuaishou", "快手", "快手小店"),
    "wechat": ("wechat", "视频号", "视频号小店", "微信小店"),
    "xiaohongshu": ("xiaohongshu", "小红书"),
    "own": ("own", "自营", "自建商城", "官网", "自营商城", "小程序"),
}
EVERYWHERE = (
    "全部",
    "全平台",
    "整体",
    "全店",
    "不限",
    "所有",
    "all",
    "全部渠道",
    "全部店铺",
    "合计",
    "汇总",
    "总计",
)


def platform_of(field: str) -> str:
    """The platform a cell names; null for all of them, the text itself when it is a new one."""
    return f"CASE WHEN lower({field}) IN {EVERYWHERE} THEN NULL ELSE {cases(field, PLATFORMS, f'lower({field})')} END"


def unless_all(field: str) -> str:
    """A cell's text; null when it says 'all of them'."""
    return f"CASE WHEN lower({field}) NOT IN {EVERYWHERE} THEN {field} END"


def place_of(platform: str, shop: str) -> dict[str, str]:
    """Fact columns `platform` and `shop` as two cells name them, else the batch's own."""
    return {
        "platform": f"coalesce({platform_of(platform)}, platform)",
        "shop": f"CASE WHEN {shop} IS NULL OR lower({shop}) IN {EVERYWHERE} THEN shop ELSE {shop} END",
    }


def leaf_of(field: str) -> str:
    """The last step of a category path (`女装>连衣裙`)."""
    return f"trim(regexp_extract({field}, '[^>/›»]+$'))"


def channel_of(field: str) -> str:
    """The channel a cell names; null for the shop's own total, 'other' for what has no name of its own here."""
    return f"""CASE WHEN {field} IS NULL OR lower({field}) IN {EVERYWHERE} THEN NULL
    WHEN {field} LIKE '%搜索%' OR lower({field}) = 'search' THEN 'search'
    WHEN {field} LIKE '%广告%' OR {field} LIKE '%千川%' OR {field} LIKE '%付费%' OR {field} LIKE '%投放%'
        OR lower({field}) IN ('ad', 'ads') THEN 'ad'
    WHEN {field} LIKE '%直播%' OR lower({field}) = 'live' THEN 'live'
    WHEN {field} LIKE '%视频%' OR {field} LIKE '%图文%' OR lower({field}) = 'video' THEN 'video'
    WHEN {field} LIKE '%商品卡%' OR {field} LIKE '%商城%' OR {field} LIKE '%货架%' OR {field} LIKE '%推荐%'
        OR lower({field}) IN ('card', 'shelf') THEN 'card'
    ELSE 'other' END"""


def month_or_day(field: str) -> str:
    """The first day of the day, month, quarter or year that a text names (2026-11-01, 2026年11月, 2026Q4, 2026)."""
    tidy = f"rtrim(translate(trim({field}), '年月/.日', '----'), '-')"
    quarter = f"regexp_extract(upper({field}), '^([0-9]{{4}})[-年 ]?Q([1-4])', ['y', 'q'])"
    return (
        f"CASE WHEN regexp_matches(upper({field}), '^[0-9]{{4}}[-年 ]?Q[1-4]')"
        f" THEN make_date(CAST({quarter}.y AS BIGINT), CAST({quarter}.q AS BIGINT) * 3 - 2, 1)"
        f" ELSE CAST(try_strptime(split_part({tidy}, ' ', 1),"
        f" ['%Y-%m-%d', '%Y%m%d', '%Y-%m', '%Y%m', '%Y']) AS DATE) END"
    )


def hour_start(moment: str, day: str, hour: str) -> str:
    """When a report's row begins: its full time, or its day plus its hour (`8`, `08:00`, `8时`, `08:00-08:59`)."""
    return f"coalesce({moment}, {day} + to_hours(coalesce(TRY_CAST(regexp_extract({hour}, '^[0-9]+') AS INTEGER), 0)))"


def span_of(moment: str, hour: str) -> str:
    """What a report's row covers."""
    return f"CASE WHEN {moment} IS NOT NULL OR {hour} IS NOT NULL THEN 'hour' ELSE 'day' END"
