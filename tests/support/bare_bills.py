"""The rows of a billing run by bare statements, to show what the database alone can do.

The same rows in the same tables with the same constraints and triggers, in one transaction; but nothing is
checked, counted, resumed or shown on the way.
"""

from django.db import connection, transaction

from community.core import clock
from services.fees.billing.actions.charges import due_on
from services.fees.models import FeeItem
from services.fees.terms import period_span
from tests.factories import make_cashier

HOMES = (
    "estates_home h JOIN estates_entrance e ON e.id = h.entrance_id "
    "JOIN estates_building b ON b.id = e.building_id WHERE b.estate_id = %(estate)s"
)
MADE = "fees_bill WHERE item_id = %(item)s"
STATEMENTS = [
    f"""INSERT INTO fees_bill (estate_id, reference, home_id, item_id, subject, period, amount_fen, paid_fen,
            months, words, is_exempt, due_on, status, status_changed_at, created_at)
        SELECT %(estate)s, %(prefix)s || CAST(1000000 + row_number() OVER (ORDER BY h.id) AS text), h.id,
            %(item)s, '', %(period)s, (CAST(h.area_dm2 AS bigint) * %(rate)s * 2 + 10000) / 20000, 0,
            1, '', FALSE, %(due)s, 'open', %(now)s, %(now)s
        FROM {HOMES}""",
    """INSERT INTO fees_billline (bill_id, number, kind, words, from_on, to_on, months, quantity_milli, unit,
            rate_hao, amount_fen)
        SELECT i.id, 1, 'rate', '', %(period)s, %(until)s, 1, h.area_dm2 * 10, 'm2', %(rate)s, i.amount_fen
        FROM fees_bill i JOIN estates_home h ON h.id = i.home_id WHERE i.item_id = %(item)s""",
    f"""INSERT INTO fees_billchange (bill_id, from_status, to_status, actor_id, reason, at)
        SELECT id, '', 'open', %(by)s, '', %(now)s FROM {MADE}""",
    f"""INSERT INTO fees_account (estate_id, kind, key, home_id, provider, held_fen)
        SELECT %(estate)s, 'receivable', 'receivable:' || h.id, h.id, '', 0 FROM {HOMES}
        ON CONFLICT (estate_id, key) DO NOTHING""",
    """INSERT INTO fees_account (estate_id, kind, key, item_id, provider, held_fen)
        VALUES (%(estate)s, 'income', 'income:' || CAST(%(item)s AS text), %(item)s, '', 0)""",
    f"""INSERT INTO fees_ledgertransaction (estate_id, kind, key, by_id, at)
        SELECT %(estate)s, 'bill', 'bill:' || id, %(by)s, %(now)s FROM {MADE}""",
    """INSERT INTO fees_entry (transaction_id, account_id, amount_fen, bill_id)
        SELECT t.id, a.id, i.amount_fen, i.id FROM fees_bill i
        JOIN fees_ledgertransaction t ON t.key = 'bill:' || i.id
        JOIN fees_account a ON a.estate_id = i.estate_id AND a.key = 'receivable:' || i.home_id
        WHERE i.item_id = %(item)s""",
    """INSERT INTO fees_entry (transaction_id, account_id, amount_fen, bill_id)
        SELECT t.id, a.id, -i.amount_fen, i.id FROM fees_bill i
        JOIN fees_ledgertransaction t ON t.key = 'bill:' || i.id
        JOIN fees_account a ON a.estate_id = i.estate_id AND a.key = 'income:' || CAST(%(item)s AS text)
        WHERE i.item_id = %(item)s""",
    """INSERT INTO notifications_outboxmessage (key, channel, recipient_id, template, params, url, status,
            tries, next_try_at, provider_reference, error, created_at)
        SELECT 'billing:bare:' || %(item)s || ':' || i.home_id, 'inbox', r.user_id, 'bill_made', {params},
            '/fees/bills/' || i.id || '/', 'pending', 0, %(now)s, '', '', %(now)s
        FROM fees_bill i JOIN accounts_residency r ON r.home_id = i.home_id AND r.status = 'active'
        WHERE i.item_id = %(item)s""",
]
PARAMS = {
    "sqlite": "json_object('what', %(name)s, 'month', %(month)s, 'fen', i.amount_fen)",
    "postgresql": (
        "jsonb_build_object('what', CAST(%(name)s AS text), 'month', CAST(%(month)s AS text), "
        "'fen', i.amount_fen)"
    ),
}


def make_bare_bills(item: FeeItem) -> None:
    """Makes the bills of this month for a fee by floor area."""
    now = clock.now()
    period = clock.today(now).replace(day=1)
    rate = item.tariff_for(period)
    assert rate is not None
    adapt = connection.ops
    given = {
        "estate": item.estate_id,
        "item": item.pk,
        "name": item.name,
        "prefix": f"X{item.pk}-",
        "period": adapt.adapt_datefield_value(period),
        "until": adapt.adapt_datefield_value(period_span(period, 1).last),
        "month": f"{period:%Y-%m}",
        "due": adapt.adapt_datefield_value(due_on(item, period)),
        "rate": rate.rate_hao,
        "now": adapt.adapt_datetimefield_value(now),
        "by": make_cashier(estate=item.estate).pk,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement.replace("{params}", PARAMS[connection.vendor]), given)
