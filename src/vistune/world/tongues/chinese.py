"""Chinese: measure words, no inflection, no blanks."""

from __future__ import annotations

from vistune.world.tongues.meaning import Np
from vistune.world.tongues.tongue import Tongue, listed

#: Kind -> noun and its measure word.
_NOUNS = {
    "dog": "狗 只", "cat": "猫 只", "bird": "鸟 只", "fish": "鱼 条", "cow": "牛 头", "horse": "马 匹", "duck": "鸭子 只",
    "rabbit": "兔子 只", "apple": "苹果 个", "banana": "香蕉 根", "carrot": "胡萝卜 根", "cake": "蛋糕 个", "egg": "鸡蛋 个",
    "pizza": "披萨 个", "ball": "皮球 个", "kite": "风筝 只", "drum": "鼓 面", "block": "积木 块", "balloon": "气球 个",
    "chair": "椅子 把", "table": "桌子 张", "bed": "床 张", "lamp": "灯 盏", "sofa": "沙发 张", "car": "汽车 辆",
    "bus": "公交车 辆", "truck": "卡车 辆", "boat": "船 艘", "plane": "飞机 架", "bike": "自行车 辆", "tree": "树 棵",
    "flower": "花 朵", "cactus": "仙人掌 棵", "mushroom": "蘑菇 个", "boy": "男孩 个", "girl": "女孩 个", "man": "男人 个",
    "woman": "女人 个", "cup": "杯子 个", "book": "书 本", "hat": "帽子 顶", "shoe": "鞋 只", "umbrella": "雨伞 把",
    "box": "箱子 个",
    "board": "牌子 块",
}  # fmt: skip
_COLOURS = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色", "purple": "紫色", "pink": "粉色",
    "brown": "棕色", "black": "黑色", "white": "白色",
}  # fmt: skip
_SIZES = {"small": "小", "big": "大"}
_PATTERNS = {"striped": "条纹", "spotted": "斑点", "checked": "格子"}
_NUMBERS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十")
#: As an answer; and where something is.
_PLACES = {
    "kitchen": "厨房 厨房里", "bedroom": "卧室 卧室里", "garden": "花园 花园里", "farm": "农场 农场里", "street": "街上 街上",
    "lake": "湖边 湖边", "beach": "海滩 海滩上", "playground": "游乐场 游乐场里",
}  # fmt: skip
_RELATIONS = {
    "left of": "左边", "right of": "右边", "above": "上方", "below": "下方", "in front of": "前面", "behind": "后面", "on": "上面",
}  # fmt: skip


class Chinese(Tongue):
    """``有一只红色的小狗吗？``"""

    CODE, NAME, OWN_NAME, INSTRUCTION = "zh", "chinese", "中文", "请用中文回答。"
    DESCRIBE = ("请描述这张图片。", "请详细描述这张图片。")
    YES_NO = ("是的", "不是")
    FACE = "chinese"

    def words(self) -> dict[str, set[str]]:
        found = {k: {v.split()[0]} for k, v in _NOUNS.items()} | {k: {v} for k, v in _COLOURS.items()}
        found |= {k: {v} for k, v in _SIZES.items()} | {k: {v} for k, v in _PATTERNS.items()}
        return found | {k: {v.split()[1]} for k, v in _PLACES.items()} | {k: {v} for k, v in _RELATIONS.items()}

    def bare(self, np: Np) -> str:
        """Without a number: ``红色的小狗``."""
        colour = f"{_COLOURS[np.colour]}的" if np.colour else ""
        pattern = f"带{_PATTERNS[np.pattern]}的" if np.pattern else ""
        return f"{colour}{pattern}{_SIZES[np.size] if np.size else ''}{_NOUNS[np.kind].split()[0]}"

    def name(self, kind: str) -> str:
        return _NOUNS[kind].split()[0]

    def some(self, np: Np) -> str:
        """``两只猫``."""
        return f"{_NUMBERS[np.number]}{_NOUNS[np.kind].split()[1]}{self.bare(np)}"

    def the(self, np: Np) -> str:
        """``那只红色的狗``."""
        return f"那{_NOUNS[np.kind].split()[1]}{self.bare(np)}"

    def there(self, setting: str, groups: tuple[Np, ...]) -> str:
        return f"{_PLACES[setting].split()[1]}有{listed([self.some(g) for g in groups], '、', '和')}。"

    def stands(self, np: Np, relation: str, other: Np) -> str:
        return f"{self.the(np)}在{self.the(other)}的{_RELATIONS[relation]}。"

    def ask_existence(self, np: Np) -> str:
        return f"有{self.some(np)}吗？"

    def ask_colour(self, np: Np) -> str:
        return f"{self.the(np)}是什么颜色的？"

    def ask_size(self, np: Np) -> str:
        return f"{self.the(np)}是小的还是大的？"

    def ask_pattern(self, np: Np) -> str:
        return f"{self.the(np)}有什么花纹？"

    def ask_count(self, np: Np) -> str:
        return f"有几{_NOUNS[np.kind].split()[1]}{self.bare(np)}？"

    def ask_more(self, np: Np, other: Np) -> str:
        return f"{self.bare(np)}比{self.bare(other)}多吗？"

    def ask_relation(self, np: Np, relation: str, other: Np) -> str:
        return f"{self.the(np)}在{self.the(other)}的{_RELATIONS[relation]}吗？"

    def ask_setting(self) -> str:
        return "这是哪里？"

    def ask_choice(self, np: Np, first: str, second: str) -> str:
        return f"{self.the(np)}是{_COLOURS[first]}的还是{_COLOURS[second]}的？"

    def point(self, np: Np) -> str:
        return f"请指出{self.the(np)}。"

    def ask_written(self, np: Np) -> str:
        return f"{self.the(np)}上写着什么？"

    def ask_board(self, word: str) -> str:
        return f"写着“{word}”的牌子是什么颜色的？"

    def yes_no(self, type: str, value: bool) -> str:
        if type == "existence":
            return "有" if value else "没有"
        return super().yes_no(type, value)

    def counted(self, kind: str, number: int) -> str:
        return f"{_NUMBERS[number]}{_NOUNS[kind].split()[1]}"

    def place(self, setting: str) -> str:
        return _PLACES[setting].split()[0]

    def value(self, type: str, value: str, kind: str) -> str:
        if type == "pattern":
            return _PATTERNS.get(value, "没有花纹")
        return f"{_SIZES[value]}的" if type == "size" else _COLOURS[value]
