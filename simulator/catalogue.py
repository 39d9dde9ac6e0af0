"""What the shop sells: 8 top categories, 40 categories, 700 products, 2,000 SKUs, each with price, cost and habit.

Prices are whole yuan and discounts whole percent, so a line's share of its order is always an exact number of fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulator import rng
from simulator.rng import Floats, Ints

BRAND = "云杉"
PRODUCTS, SKUS = 700, 2000

# top | leaf | price from-to | cost share | returns | peak month | swing | weight | specs | words
_TABLE = """
女装|连衣裙|99-329|.38|.24|6|.9|1.2|size|法式,收腰,碎花,雪纺,气质,复古,显瘦,V领
女装|T恤|39-129|.35|.16|6|.8|1.3|size|纯棉,宽松,短袖,印花,圆领,重磅,百搭,凉感
女装|羽绒服|299-799|.45|.22|12|1.8|.7|size|加厚,白鸭绒,短款,面包服,长款,连帽,轻薄,工装
女装|针织衫|89-259|.38|.19|11|1.0|.8|size|羊毛,慵懒风,半高领,打底,开衫,软糯,条纹,镂空
女装|休闲裤|69-219|.37|.18|9|.3|.9|size|阔腿,高腰,垂感,直筒,束脚,冰丝,显高,弹力
美妆护肤|面膜|49-199|.24|.06|11|.3|1.5|pack|补水,玻尿酸,舒缓,提亮,烟酰胺,修护,清洁,胶原
美妆护肤|精华|99-399|.22|.07|11|.3|1.0|ml|抗皱,紧致,美白,双抗,修护,视黄醇,淡斑,保湿
美妆护肤|口红|39-169|.23|.08|2|.3|.8|colour|哑光,镜面,水润,丝绒,不沾杯,显白,滋润,持久
美妆护肤|防晒|59-189|.25|.06|6|1.5|.9|ml|清爽,高倍,防水,隔离,不泛白,敏感肌,养肤,轻薄
美妆护肤|洁面|39-129|.25|.05|8|.2|.9|ml|氨基酸,温和,控油,绵密,深层,保湿,祛痘,慕斯
食品|坚果|39-159|.55|.03|1|1.0|1.3|pack|每日,混合,原味,夏威夷果,巴旦木,盐焗,无添加,年货
食品|饼干糕点|19-89|.52|.03|1|.5|1.2|pack|酥脆,黄油,早餐,无蔗糖,手工,全麦,网红,夹心
食品|茶叶|59-299|.40|.03|4|.6|.8|weight|明前,浓香,龙井,大红袍,茉莉,普洱,高山,礼盒
食品|方便速食|29-99|.56|.04|11|.3|1.1|pack|螺蛳粉,自热,酸辣粉,拌面,速食粥,火锅,低脂,非油炸
食品|乳饮冲调|39-139|.54|.03|9|.2|.8|pack|燕麦,高钙,即食,谷物,速溶,益生菌,低糖,蛋白
家居日用|收纳|29-159|.42|.08|3|.3|1.1|size2|大号,可折叠,布艺,抽屉式,透明,带轮,防尘,分格
家居日用|床品套件|139-499|.44|.12|10|.7|.8|bed|全棉,磨毛,四件套,水洗棉,亲肤,贡缎,裸睡,刺绣
家居日用|毛巾浴巾|29-119|.43|.06|9|.2|.9|pack|纯棉,吸水,加厚,速干,柔软,抗菌,情侣,新疆棉
家居日用|清洁用品|19-89|.45|.04|1|.3|1.4|pack|厨房,去油,多效,浓缩,除菌,家庭装,一次性,免洗
家居日用|香薰|49-199|.33|.08|12|.4|.6|scent|无火,助眠,持久,精油,酒店,扩香,礼盒,卧室
数码配件|手机壳|19-79|.25|.08|9|.2|1.1|model|磁吸,防摔,透明,液态,全包,磨砂,支架,超薄
数码配件|充电器|49-169|.46|.07|9|.2|.8|watt|氮化镓,快充,折叠,多口,迷你,便携,闪充,双口
数码配件|数据线|19-69|.36|.05|9|.1|.9|length|编织,快充,双头,加长,耐弯折,三合一,硅胶,磁吸
数码配件|耳机|79-399|.48|.12|11|.3|.9|colour|降噪,蓝牙,入耳,运动,骨传导,长续航,半入耳,头戴
数码配件|充电宝|69-229|.50|.09|7|.3|.8|capacity|磁吸,迷你,大容量,自带线,快充,无线,轻薄,可上飞机
母婴|纸尿裤|79-239|.58|.04|11|.2|1.1|baby|超薄,透气,拉拉裤,夜用,柔软,防漏,干爽,弱酸
母婴|婴儿湿巾|29-99|.50|.03|8|.1|.9|pack|手口,加厚,带盖,新生儿,无香,柔巾,便携,云柔
母婴|儿童玩具|39-249|.40|.10|6|.5|1.0|age|益智,积木,磁力,拼图,遥控,早教,过家家,仿真
母婴|童装|49-199|.40|.18|10|.5|1.0|child|纯棉,卡通,加绒,套装,洋气,透气,百搭,男女童
母婴|奶瓶|59-189|.42|.06|5|.1|.6|ml|宽口径,防胀气,PPSU,玻璃,硅胶,新生儿,吸管,仿母乳
运动户外|瑜伽垫|49-179|.41|.08|3|.5|.8|thick|防滑,加厚,TPE,无味,天然橡胶,双面,加宽,静音
运动户外|跑步鞋|159-499|.46|.21|4|.4|.9|shoe|缓震,透气,轻便,碳板,专业,网面,回弹,厚底
运动户外|运动内衣|69-199|.36|.15|5|.4|.8|size|防震,美背,高强度,无痕,速干,固定杯,前拉链,聚拢
运动户外|户外水壶|39-169|.40|.05|6|.7|.9|ml|保温,大容量,便携,316不锈钢,吸管,运动,弹盖,真空
运动户外|露营装备|99-599|.47|.10|5|1.1|.6|size2|折叠,便携,天幕,帐篷,蛋卷桌,野餐,加厚,速开
个护家电|吹风机|99-399|.50|.09|11|.3|.8|colour|高速,负离子,大风力,护发,折叠,恒温,静音,便携
个护家电|电动牙刷|79-299|.44|.06|11|.2|.9|colour|声波,软毛,防水,长续航,情侣,护龈,智能,便携
个护家电|剃须刀|79-349|.48|.07|6|.4|.8|colour|电动,往复式,全身水洗,便携,三刀头,快充,迷你,礼盒
个护家电|加湿器|69-259|.46|.10|12|1.3|.6|size2|大雾量,静音,上加水,卧室,桌面,无雾,香薰,母婴
个护家电|小风扇|29-139|.44|.07|7|1.9|.7|colour|手持,静音,挂脖,桌面,冷敷,长续航,折叠,高速
"""

_SPECS = {
    "size": ("S", "M", "L", "XL", "2XL"),
    "pack": ("1包", "3包装", "5包装", "10包装"),
    "ml": ("30ml", "50ml", "100ml", "250ml"),
    "colour": ("珍珠白", "曜石黑", "樱花粉", "雾霾蓝", "豆沙色"),
    "weight": ("100g", "250g", "500g"),
    "size2": ("小号", "中号", "大号", "特大号"),
    "bed": ("1.2m床", "1.5m床", "1.8m床", "2.0m床"),
    "scent": ("白茶", "栀子", "雪松", "海盐"),
    "model": ("iPhone 16", "iPhone 17 Pro", "Mate 80", "小米17"),
    "watt": ("20W", "33W", "65W", "100W"),
    "length": ("1米", "1.5米", "2米"),
    "capacity": ("5000mAh", "10000mAh", "20000mAh"),
    "baby": ("S码", "M码", "L码", "XL码"),
    "age": ("1-3岁", "3-6岁", "6岁以上"),
    "child": ("90cm", "100cm", "110cm", "120cm", "130cm"),
    "thick": ("6mm", "8mm", "10mm"),
    "shoe": ("36", "37", "38", "39", "40", "41", "42", "43"),
}
_DEARER = frozenset({"pack", "weight", "ml", "capacity", "watt", "bed"})  # a bigger one costs more
_AUDIENCE = ("新款", "家用", "升级款", "学生", "爆款", "官方", "旗舰款", "人气")


@dataclass(frozen=True)
class Leaf:
    """One category of the lowest level."""

    top: str
    name: str
    low: int
    high: int
    cost: float
    returns: float
    peak_month: int
    swing: float
    weight: float
    spec: str
    words: tuple[str, ...]


def _leaf(row: str) -> Leaf:
    top, name, price, cost, returns, peak, swing, weight, spec, words = row.split("|")
    low, high = price.split("-")
    return Leaf(
        top,
        name,
        int(low),
        int(high),
        float(cost),
        float(returns),
        int(peak),
        float(swing),
        float(weight),
        spec,
        tuple(words.split(",")),
    )


LEAVES = tuple(_leaf(row) for row in _TABLE.strip().splitlines())


class Catalogue:
    """Products and SKUs as parallel arrays, SKUs in the order of their category. Deterministic by seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.product_leaf: Ints = np.arange(PRODUCTS) * len(LEAVES) // PRODUCTS
        key = rng.keys(seed, 101, np.arange(PRODUCTS))
        self._product_key = key
        self.product_name = [self._name(number) for number in range(PRODUCTS)]
        rank = np.argsort(np.argsort(rng.uniform(key, "rank")))
        leaf_weight = np.array([LEAVES[leaf].weight for leaf in self.product_leaf])
        self.product_weight: Floats = leaf_weight * (rank + 4.0) ** -0.85
        self._skus(key)

    def _name(self, number: int) -> str:
        leaf = LEAVES[self.product_leaf[number]]
        place = int(np.searchsorted(self.product_leaf, self.product_leaf[number]))
        order = number - place  # walks through the pairs of words, so no two products share a name
        first, second = order % 8, (order // 8 * 3 + order + 1) % 8
        if first == second:
            second = (second + 5) % 8
        model = f"{chr(65 + order % 26)}{number % 90 + 10}"
        return f"{BRAND}{leaf.words[first]}{leaf.words[second]}{leaf.name}{_AUDIENCE[(order * 5 + number) % 8]}{model}"

    def _skus(self, key: rng.Keys) -> None:
        kinds = np.array([len(_SPECS[LEAVES[leaf].spec]) for leaf in self.product_leaf])
        wanted = np.minimum(kinds, 1 + rng.integers(key, "skus", 0, 5))
        while wanted.sum() != SKUS:  # nudge products in a fixed order until there are exactly 2,000
            step = 1 if wanted.sum() < SKUS else -1
            able = np.flatnonzero((wanted < kinds) if step > 0 else (wanted > 1))
            chosen = able[np.argsort(rng.uniform(key[able], f"nudge{wanted.sum()}"))][: abs(SKUS - int(wanted.sum()))]
            wanted[chosen] += step
        self.sku_product, place = rng.expand(wanted)
        self.sku_leaf: Ints = self.product_leaf[self.sku_product]
        base = np.array(
            [_price(LEAVES[leaf], u) for leaf, u in zip(self.product_leaf, rng.uniform(key, "price"), strict=True)]
        )
        self.sku_spec = [_SPECS[LEAVES[leaf].spec][p] for leaf, p in zip(self.sku_leaf, place, strict=True)]
        dearer = np.array([LEAVES[leaf].spec in _DEARER for leaf in self.sku_leaf])
        self.sku_price: Ints = _charm(base[self.sku_product] * np.where(dearer, 1 + 0.55 * place, 1.0))
        sku_key = rng.keys(self.seed, 102, np.arange(SKUS))
        share = np.array([LEAVES[leaf].cost for leaf in self.sku_leaf]) * (0.88 + 0.24 * rng.uniform(sku_key, "cost"))
        self.sku_cost: Ints = np.rint(self.sku_price * 100 * share).astype(np.int64)  # fen
        inside = 1.0 / (1.0 + place) ** 0.5
        self.sku_weight: Floats = (
            self.product_weight[self.sku_product] * inside / np.bincount(self.sku_product, inside)[self.sku_product]
        )
        self.sku_code = [
            f"YS{leaf + 1:02d}{product + 1:04d}-{p + 1:02d}"
            for leaf, product, p in zip(self.sku_leaf, self.sku_product, place, strict=True)
        ]

    @cached_property
    def leaf_start(self) -> Ints:
        """First SKU of each category, and the end of the last."""
        return np.searchsorted(self.sku_leaf, np.arange(len(LEAVES) + 1))

    def sold_in(self, shop: int, share: float) -> npt.NDArray[np.bool_]:
        """Which SKUs a shop carries: whole products, `share` of them."""
        return (rng.uniform(self._product_key, f"shop{shop}") < share)[self.sku_product]

    def fashion(self, month: int) -> Floats:
        """What multiplies each SKU's demand in a month (since 1970): season of the category, life of the product."""
        moon = month % 12
        season = np.array(
            [
                1 + leaf.swing * np.cos((moon + 1 - leaf.peak_month) * np.pi / 6) * (0.9 if leaf.swing > 1 else 1)
                for leaf in LEAVES
            ]
        )
        life = np.exp(0.45 * rng.normal(rng.keys(self.seed, 103, np.arange(PRODUCTS), month), "life"))
        return np.maximum(season, 0.08)[self.sku_leaf] * life[self.sku_product]

    def product_id(self, shop: int) -> Ints:
        """The platform's 19-digit number of each product in a shop."""
        return 3_700_000_000_000_000_000 + (shop + 1) * 10_000_000_000_000 + self._ids(PRODUCTS, 9_999)

    def sku_id(self, shop: int) -> Ints:
        """The platform's own number of each SKU in a shop."""
        return 1_780_000_000_000_000 + (shop + 1) * 10_000_000_000 + self._ids(SKUS, 4_999)

    def _ids(self, count: int, step: int) -> Ints:
        return np.arange(1, count + 1) * 100_003 + rng.integers(
            rng.keys(self.seed, 104, np.arange(count)), "id", 0, step
        )


def _price(leaf: Leaf, u: float) -> float:
    """A price of this category: cheaper ones are more common."""
    return leaf.low + (leaf.high - leaf.low) * u**1.6


def _charm(price: Floats) -> Ints:
    """Prices end in 9, as in every shop; dear ones in 9 of tens."""
    return np.maximum(9, np.rint((price + 1) / 10) * 10 - 1).astype(np.int64)
