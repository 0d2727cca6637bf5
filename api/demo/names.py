"""Names for invented people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜戚谢邹喻苏潘葛范彭郎鲁韦"
_FIRST = "承志思远文景明彦子云若清秋书元嘉怀宗维启砚仲伯季少春夏青松竹石泉岳川海江林森立宏茂广"
_SECOND = "平和宁康诚信达通瑞祥昌盛荣华光辉耀明亮清源泉涛波澜峰岭岩松柏楠桐梅兰菊芳萍莲雪"


class Names:
    """Gives each name once; those already ``taken`` never."""

    def __init__(self, random: Random, taken: set[str]) -> None:
        self._random = random
        self._taken = taken

    def next(self) -> str:
        """Return a new name of three characters."""
        while True:
            first, second = self._random.choice(_FIRST), self._random.choice(_SECOND)
            name = self._random.choice(_SURNAMES) + first + second
            if name not in self._taken and first != second:
                self._taken.add(name)
                return name
