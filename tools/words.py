"""Lists the Chinese words of the translation and of the demo in ``community/locale/zh_Hans/words.txt``.

Lines break between these words (``community/core/lines.py``). Run it after larger changes of the translation; a word
that is missing costs nothing but a line that is broken less well.
"""

import re
from pathlib import Path

import jieba

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "community" / "locale" / "zh_Hans"
HAN = re.compile("[\u3400-\u9fff]+")
# Words of the field that a general dictionary does not have, or joins to what stands beside them.
OURS = """
报修 缴费 待缴 已缴 求助 公区 物业费 停车费 预存款 违约金 收据 护理员
施工队 门禁 验证码 查询码 短信 物业 大字版 长辈版 打给 派给 只看 我来 您家 外窗
亲情代办 助餐 助浴 助洁 助医 助行 助急 陪伴 改约 改期 改时间 入户 楼栋 单元
抄表 对账 业主 租户 家属 师傅 上门 口令 上不了网 不同意
"""


def main() -> None:
    jieba.setLogLevel(60)
    for word in OURS.split():
        jieba.add_word(word, freq=100_000)
    sources = [
        *sorted((LOCALE / "LC_MESSAGES" / "parts").glob("*.po")),
        *sorted((ROOT / "community/demo").rglob("*.py")),
    ]
    runs = {run for path in sources for run in HAN.findall(path.read_text(encoding="utf-8"))}
    found = {word for run in runs for word in jieba.cut(run, HMM=False)} | set(OURS.split())
    with jieba.get_dict_file() as lines:
        names = {line.split()[0] for line in lines.read().decode().splitlines() if line.endswith(" nr")}
    kept = sorted(word for word in found - names if 1 < len(word) <= 6)
    (LOCALE / "words.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    print(f"{len(kept)} words")


if __name__ == "__main__":
    main()
