"""An office's sheet on a phone without JavaScript: asked about, looked at, imported, undone."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import StaffRole
from community.estates.models import Building, Home
from tests import factories as make
from tests.support import workbooks

PAGE = (360, 740)
ROWS = [
    ["幸福里小区房屋明细表"],
    ["楼栋", "单元", "编码", "楼层", "建筑面积（㎡）"],
    ["3栋", "1单元", "102", 1, 98.39999999999999],
    ["合计", None, None, None, 98.4],
]


@pytest.mark.once
def test_import__sheet_that_is_not_clear__is_asked_about_shown_imported_and_undone(
    transactional_db: None, new_page: Any, tmp_path: Path
) -> None:
    estate = make.make_estate()
    building = make.make_building(estate=estate, name="3号楼")
    make.make_home(entrance=make.make_entrance(building=building, name="1单元"), number="101")
    manager = make.make_staff(role=StaffRole.Role.MANAGER, estate=estate)
    file = tmp_path / "房屋.xlsx"
    file.write_bytes(workbooks.xlsx(*ROWS))
    page = new_page(user=manager, size=PAGE, java_script_enabled=False)

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= PAGE[0]

    page.goto(reverse("admin:estates_home_import"))
    page.locator("[name=import_file]").set_input_files(file)
    page.get_by_role("button", name="检查文件").click()
    page.get_by_text("没有找到：房号").wait_for()
    fits()
    page.get_by_label("C 列 编码").select_option(label="房号")
    page.get_by_role("button", name="检查各行").click()
    page.get_by_text("3栋 很可能就是 3号楼").wait_for()
    fits()
    page.get_by_role("button", name="检查各行").click()
    page.get_by_text("合计").wait_for()
    page.get_by_text("98.40").wait_for()
    fits()
    page.get_by_role("button", name="确认导入").click()
    page.get_by_role("button", name="撤销这次导入").wait_for()
    assert Home.objects.count() == 2
    page.get_by_role("button", name="撤销这次导入").click()
    page.get_by_text("这次导入已撤销").wait_for()
    fits()
    assert Home.objects.count() == Building.objects.count() == 1
