"""Where lines may break: between words; what is read as one thing stays whole, and nothing unseen is copied."""

import re

import pytest
from django.test import Client

from community.core import lines
from tests.factories import make_home, make_resident


def broken(text: str) -> str:
    """A text with its breaks as bars and what is held together in square brackets."""
    marked = lines.in_text(text).replace("<wbr>", "|")
    marked = re.sub(r"<n-[bcs][^>]*>", "[", marked)
    return re.sub(r"</?w-b>", "", re.sub(r"</n-[bcs]>", "]", marked))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请您帮忙确认报价", "请您帮忙|确认|报价"),
        ("已受理，正在安排师傅", "已受理，|正在|安排|师傅"),
        ("短信验证码", "短信|验证码"),
        ("帮王秀英报修", "帮王秀英|报修"),
        ("打给刘建国", "打给|刘建国"),
        ("今天8点施工队上门", "今天|8点|施工队|上门"),
        ("请在12月4日前缴费", "请在[12月4日]前|缴费"),
        ("3号楼 1单元 502", "3号楼 1单元 502"),
        ("待缴 3 笔", "待缴 [3 笔]"),
        ("申请登记到103号楼", "申请|登记|到[103号楼]"),
        ("12月4日 周五 14:00–16:00", "[12月4日 周五] [14:00–16:00]"),
        ("（138 1234 5678）", "[（138 1234 5678）]"),
        ("共 ¥12,860.00", "共 [¥12,860.00]"),
        ("单号 R-261123-0063。", "单号 [R-261123-0063]。"),
        ("长辈版（大字）", "长辈版|（大字）"),
        ("确认", "确认"),
    ],
)
def test_in_text__breaks_between_words_and_holds_what_is_one_thing(text: str, shown: str) -> None:
    assert broken(text) == shown


def test_in_text__no_line_may_begin_with_a_closing_mark() -> None:
    text = "维修师傅（刘建国）会先打电话，再上门。请您在家等候！《物业服务合同》已更新"
    assert not re.search(r"<wbr>[，。！？）》]", lines.in_text(text))
    assert "（<wbr>" not in lines.in_text(text)


def test_in_text__english__holds_dates_and_breaks_nothing() -> None:
    assert lines.in_text("Fri 4 Dec, 2 pm 确认报价", is_chinese=False).count("<wbr>") == 0
    assert ">Fri 4 Dec</n-b>" in lines.in_text("Due Fri 4 Dec", is_chinese=False)


def test_in_page__tags_and_fields__stay_as_they_were() -> None:
    page = (
        '<title>确认报价</title><p title="确认报价">确认报价 &amp; 缴费</p>'
        '<textarea>确认报价</textarea><script>"确认报价"</script><option>确认报价</option>'
    )
    marked = lines.in_page(page)
    assert marked.count("<wbr>") == 1
    assert re.sub(r"<wbr>|</?w-b>", "", marked) == page


@pytest.mark.django_db
def test_page__as_it_is_sent__has_marks_that_are_no_characters(settings) -> None:
    settings.BREAK_LINES = True
    client = Client()
    client.force_login(make_resident(home=make_home()), backend="django.contrib.auth.backends.ModelBackend")
    html = client.get("/repairs/new/").content.decode()
    assert "<wbr>" in html
    assert not re.search("[\u200b\u2060\u00ad\u00a0]", html)
