"""Pages of the local payment server: where a visitor pays, and chooses what goes wrong."""

import base64
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from community.demo.payments.keys import APP_ID
from community.demo.payments.messages import Answer, Asked, redirect
from community.demo.payments.notices import Notices
from community.demo.payments.shared import Shared
from community.demo.payments.statements import yuan
from community.demo.payments.tricks import FAULTS, WORDS, Trick

STYLE = """
body{margin:0;font:18px/1.5 system-ui,sans-serif;background:#f3f4f6;color:#111}
main{max-width:26rem;margin:0 auto;padding:1rem;display:grid;gap:1rem}
.note{background:#fff3cd;color:#5c3d00;padding:.75rem 1rem;border-radius:.5rem;font-weight:600}
.card{background:#fff;border-radius:.75rem;padding:1rem}
.sum{font-size:2.25rem;font-weight:700;margin:0}
button,.button{display:block;width:100%;box-sizing:border-box;min-height:56px;border:0;border-radius:.75rem;
font-size:1.25rem;text-align:center;text-decoration:none;line-height:56px;padding:0}
.wechat{background:#07803f;color:#fff}.alipay{background:#0a5fd6;color:#fff}.line{background:#e5e7eb;color:#111}
label{display:block;padding:.4rem 0}input,select{font-size:1rem}summary{min-height:48px;line-height:48px}
table{width:100%;border-collapse:collapse;font-size:.85rem}td,th{text-align:left;padding:.25rem}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}.card{background:#222}.line{background:#444;color:#eee}}
"""
NO_MONEY = "这是练习用的付款页面，不会真的扣钱。"
NAMES = {"wechat": "微信支付（练习）", "alipay": "支付宝（练习）"}
STATES = {"open": "待付款", "paid": "已付款", "closed": "已关闭"}
LISTED = 30


def page(title: str, body: str, status: int = 200) -> Answer:
    text = f"""<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>
<style>{STYLE}</style></head><body><main><p class="note">{NO_MONEY}</p>{body}</main></body></html>"""
    return Answer(status, text.encode())


class Pages:
    def __init__(self, shared: Shared, notices: Notices) -> None:
        self.shared, self.store, self.notices = shared, shared.store, notices

    def handle(self, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.query, keep_blank_values=True))
        typed = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        if asked.path == "/bridge":
            return self._bridge(given, typed, asked.method)
        if asked.path.startswith("/pay/"):
            return self._pay_page(given, typed, asked.method)
        if asked.path == "/":
            return self._console(typed)
        return page("没有这个页面", "<p>没有这个页面。</p>", 404)

    # -- Paying.

    def _pay_page(self, given: dict[str, str], typed: dict[str, str], method: str) -> Answer:
        token = given.get("prepay_id") or given.get("token") or given.get("pr") or ""
        order = self.store.order_of_page(token)
        if order is None:
            return page("没有这笔订单", "<p>没有这笔订单。</p>", 404)
        # Opening Alipay's cashier makes the trade.
        self.store.write("UPDATE orders SET is_born = 1 WHERE number = ?", order["number"])
        back = given.get("redirect_url") or order["return_url"]
        if method == "POST":
            self.shared.pay(order, typed.get("trick", ""))
            self.notices.deliver_due()
            order = self.store.order(order["number"]) or order
            if back:
                return redirect(self._back(back, order))
        return self._shown(order, back)

    def _back(self, back: str, order: dict[str, Any]) -> str:
        if order["provider"] == "wechat":
            return back
        told = {"out_trade_no": order["number"], "trade_no": order["paid_number"], "method": "return"}
        return f"{back}{'&' if '?' in back else '?'}{urlencode(told)}"

    def _shown(self, order: dict[str, Any], back: str) -> Answer:
        name = NAMES[order["provider"]]
        state = order["state"]
        if state == "open" and order["expires_at"] <= self.shared.now():
            state = "closed"
        head = f"""<section class="card"><h1>{name}</h1><p>{escape(order["subject"])}</p>
<p class="sum">¥{yuan(order["amount"])}</p></section>"""
        leave = f'<a class="button line" href="{escape(back)}">不付了，返回</a>' if back else ""
        if state != "open":
            words = "付款成功。请回到原来的页面。" if state == "paid" else "订单已关闭，不能再付款。"
            return page(name, f'{head}<p class="card">{words}</p>{leave.replace("不付了，返回", "返回")}')
        return page(name, f'{head}<form method="post">{self._pay_button(order)}{_tricks()}</form>{leave}')

    def _pay_button(self, order: dict[str, Any]) -> str:
        return f'<button class="{order["provider"]}" id="pay">确认付款</button>'

    # -- WeChat's bridge, for an ordinary browser.

    def _bridge(self, given: dict[str, str], typed: dict[str, str], method: str) -> Answer:
        """Acts ``getBrandWCPayRequest``: checks the parameters, and has the visitor pay."""
        names = ("appId", "timeStamp", "nonceStr", "package")
        text = "".join(f"{given.get(name, '')}\n" for name in names)
        key = self.shared.keys.private("wechat_merchant").public_key()
        try:
            key.verify(base64.b64decode(given.get("paySign", "")), text.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return page("支付验证签名失败", "<p>支付验证签名失败。</p>", 400)
        if given["appId"] != APP_ID or given.get("signType") != "RSA":
            return page("参数错误", "<p>参数错误。</p>", 400)
        token = given["package"].removeprefix("prepay_id=")
        return self._pay_page({"prepay_id": token, "redirect_url": given.get("back", "")}, typed, method)

    # -- What goes wrong, and the orders.

    def _console(self, typed: dict[str, str]) -> Answer:
        for name, choices in FAULTS.items():
            if typed.get(name) in choices:
                self.store.set_fault(name, typed[name], 1 if typed[name] else 0)
        chosen = "".join(_choice(name, choices) for name, choices in FAULTS.items())
        orders = self.store.rows("SELECT * FROM orders ORDER BY created_at DESC LIMIT ?", LISTED)
        rows = "".join(self._order_row(order) for order in orders)
        return page(
            "练习支付",
            f"""<h1>练习支付</h1><form method="post" class="card"><h2>下一次调用要出什么错</h2>{chosen}
<button class="line">就这样</button></form>
<section class="card"><h2>订单</h2><table>{rows}</table></section>""",
        )

    def _order_row(self, order: dict[str, Any]) -> str:
        link = f'<a href="/pay/{order["kind"]}?token={order["token"]}">{escape(order["number"])}</a>'
        return f"<tr><td>{link}</td><td>¥{yuan(order['amount'])}</td><td>{STATES[order['state']]}</td></tr>"


def _tricks() -> str:
    rows = "".join(
        f'<label><input type="radio" name="trick" value="{trick}"{" checked" if not trick else ""}> {words}</label>'
        for trick, words in ((trick, WORDS[trick]) for trick in Trick)
    )
    return f"<details><summary>要出什么错？</summary>{rows}</details>"


def _choice(name: str, choices: dict[str, str]) -> str:
    words = {"create": "下单", "query": "查询", "refund": "退款", "statement": "账单"}[name]
    rows = "".join(f'<option value="{value}">{text}</option>' for value, text in choices.items())
    return f'<label>{words} <select name="{name}">{rows}</select></label>'
