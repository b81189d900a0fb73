"""The owners' money of the demo: a year of public revenue and of the maintenance fund, with drawn vouchers."""

from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from community.core import clock
from community.core.money import as_yuan
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Estate
from services.fees.funds.actions import NewLine, agree_to_line, answer_question, ask_question, write_line
from services.fees.models import FundLine
from services.fees.paper import Paper, paper_pdf

MONTHS = 12
# Fund, kind, fen, other side, purpose; then the months ago on which it came or went.
LINES: tuple[tuple[str, str, int, str, str, tuple[int, ...]], ...] = (
    ("public", "opening", 8_640_000, "业主委员会", "上年结余", (12,)),
    ("public", "adverts", 450_000, "楼宇传媒公司", "电梯广告费（季度）", (11, 8, 5, 2)),
    ("public", "parking", 186_000, "停车收费专户", "公共车位停车费", tuple(range(11, 0, -1))),
    ("public", "venues", 120_000, "社区超市", "架空层场地租金", (10, 7, 4, 1)),
    ("public", "interest", 6_132, "开户银行", "存款利息", (9, 6, 3)),
    ("public", "cost", 93_000, "物业公司", "广告和停车的人工、电费等合理成本", (10, 7, 4, 1)),
    ("public", "upkeep", 268_000, "园林绿化公司", "补种中心花园草坪", (6,)),
    ("public", "to_fund", 500_000, "维修资金专户", "补充维修资金", (3,)),
    ("maintenance", "opening", 42_350_000, "住建局维修资金专户", "上年结余", (12,)),
    ("maintenance", "interest", 88_450, "开户银行", "存款利息", (9, 6, 3)),
    ("maintenance", "from_public", 500_000, "公共收益账户", "公共收益转入", (3,)),
)
DECISION = ("renewal", 3_180_000, "电梯维保公司", "2号楼电梯主机更换", "decision", "业主大会〔2026〕2号决定")
EMERGENCY = (
    "repair",
    426_000,
    "防水工程公司",
    "暴雨后屋面漏水抢修",
    "emergency",
    "屋面漏水，危及顶层住户用电安全",
)
QUESTIONS = (
    (
        "adverts",
        "电梯广告的价格是怎么定的？",
        "2026年由业主委员会公开询价，三家比价后签约，合同可到物业前台查看。",
    ),
    ("cost", "合理成本包括哪些？", "只包括广告和停车的人工、照明电费和票据费，按合同约定扣除，每季度公布。"),
)


def make_fund_money(places: tuple[Place, Place], society: Society, now: datetime) -> None:
    """Creates both funds of both estates; a spending of the first one waits for a second person."""
    for place in places:
        cashier = society.of_role(place.estate, "cashier")[0]
        manager = society.of_role(place.estate, "manager")[0]
        _make(place.estate, cashier, manager, now)
        people = [household.user for household in society.households[place.estate.pk][:2]]
        _ask(place.estate, people, manager, now)


def _make(estate: Estate, cashier: User, manager: User, now: datetime) -> None:
    today = clock.today(now)
    rows = [
        (_day(today, ago), (fund, category, fen, to, purpose, "", ""))
        for fund, category, fen, to, purpose, months in LINES
        for ago in months
    ]
    for (category, fen, to, purpose, ground, words), ago in ((DECISION, 5), (EMERGENCY, 2)):
        rows.append((_day(today, ago), ("maintenance", category, fen, to, purpose, ground, words)))
    vouchers: dict[str, bytes] = {}
    for on, (fund, category, fen, to, purpose, ground, words) in sorted(rows, key=lambda row: row[0]):
        if category not in vouchers:
            vouchers[category] = _paper(estate, "收付款凭证", [(purpose, as_yuan(fen)), ("往来单位", to)])
        files = {"voucher": _upload(vouchers[category])}
        if ground == "decision":
            files["decision"] = _upload(_paper(estate, "业主大会决定", [("文号", words), ("事项", purpose)]))
        new = NewLine(estate, fund, category, fen, on, to, purpose, ground, words, files)
        line = write_line(new, by=cashier, now=now)
        if line.is_spending:
            agree_to_line(line=line, by=manager, now=now)
    waiting = _upload(_paper(estate, "报价单", [("儿童游乐区地垫更换", as_yuan(156_000))]))
    new = NewLine(
        estate,
        "public",
        "upkeep",
        156_000,
        today,
        "体育设施公司",
        "儿童游乐区地垫更换",
        files={"voucher": waiting},
    )
    write_line(new, by=cashier, now=now)


def _day(today: date, months_ago: int) -> date:
    """Returns the 10th of a month that long ago."""
    day = today.replace(day=10)
    for _n in range(months_ago):
        day = (day.replace(day=1) - timedelta(days=1)).replace(day=10)
    return day


def _paper(estate: Estate, title: str, rows: list[tuple[str, str]]) -> bytes:
    def write(page: Paper) -> None:
        page.title(estate.name, title)
        page.rows(rows)
        page.signatures(["经办人", "审核人", "日期"])

    words = estate.name + "经办人审核人日期" + str(rows)
    return paper_pdf(write, title=title, author=estate.company_name, words=words)


def _upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("voucher.pdf", content, content_type="application/pdf")


def _ask(estate: Estate, people: list[User], manager: User, now: datetime) -> None:
    for person, (category, words, answer) in zip(people, QUESTIONS, strict=True):
        line = FundLine.objects.filter(fund__estate=estate, category=category).order_by("-on")[0]
        question = ask_question(line=line, words=words, spoken=None, by=person, now=now - timedelta(days=3))
        answer_question(question=question, answer=answer, by=manager, now=now - timedelta(days=2))
