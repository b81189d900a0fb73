"""People of the demo, offered on the sign-in page and listed by ``make demo``."""

from dataclasses import dataclass

STAFF_PASSWORD = "linli-demo-2026"  # noqa: S105  (printed on the demo's own sign-in page)


@dataclass(frozen=True)
class DemoPerson:
    """A person who can be tried: residents sign in by phone, staff by name and password."""

    key: str
    role: str  # as staff of a Chinese estate say it
    name: str
    phone: str = ""
    username: str = ""
    password: str = ""
    note: str = ""  # what makes this one worth trying

    @property
    def way_in(self) -> str:
        """Input for signing in."""
        if self.username:
            return f"{self.username} / {self.password}"
        return self.phone


def _resident(key: str, role: str, name: str, phone: str, note: str) -> DemoPerson:
    return DemoPerson(key, role, name, phone=phone, note=note)


def _staff(key: str, role: str, name: str, phone: str, note: str = "") -> DemoPerson:
    return DemoPerson(key, role, name, phone=phone, username=key, password=STAFF_PASSWORD, note=note)


PEOPLE: list[DemoPerson] = [
    _resident("elder", "长者", "王秀英", "13900010001", "80 岁，用大字版，儿子在外地"),
    _resident("son", "子女", "李强", "13900010002", "在外地替母亲代办"),
    _resident("owner", "业主", "陈建国", "13900010003", "有正在修的，也有待确认的"),
    _resident("tenant", "租户", "林晓彤", "13900010004", "租住在幸福里"),
    _resident("newcomer", "新住户", "何苗", "13900010005", "还没有登记房屋"),
    _staff("manager", "项目经理", "赵敏", "13900020001", "看得到全部，可进后台"),
    _staff("dispatcher", "调度员", "孙丽华", "13900020002", "派单看板"),
    _staff("frontdesk", "前台", "周婷", "13900020003", "替来电住户办理"),
    _staff("worker1", "维修工", "张卫东", "13900020004", "水电"),
    _staff("worker2", "维修工", "刘海军", "13900020005", "门窗与公共设施"),
    _staff("cashier", "收费员", "吴燕", "13900020006"),
    _staff("care", "养老协调员", "郑慧", "13900020007"),
    _staff("carer", "护理员", "冯桂兰", "13900020008"),
    _staff("renovation", "改造协调员", "蒋涛", "13900020009"),
    _staff("crew", "施工队", "韩大勇", "13900020010"),
    _staff("auditor", "审计员", "沈清", "13900020011", "只看不改"),
    _staff("admin", "系统管理员", "徐工", "13900020012", "小区、设置、商户"),
    _staff("security", "安全管理员", "高翔", "13900020013", "岗位、账号、登录"),
    _staff("city", "街道办", "金晓", "13900020015", "只看各小区数据"),
    _staff("audit", "审计管理员", "白洁", "13900020014", "只看审计记录"),
]
