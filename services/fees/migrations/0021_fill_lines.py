"""Writes the factors of bills so far as their lines, and the rate of runs as their rates."""

from django.db import migrations

# The last day of a bill's months: the first day of the month behind them, less one.
LAST_DAY = {
    "sqlite": "date(b.period, '+' || b.months || ' months', '-1 day')",
    "postgresql": "CAST(b.period + make_interval(months => b.months) - interval '1 day' AS date)",
}


def fill_lines(apps, schema_editor):
    """Each bill gets one line: at its rate, or of its words."""
    last_day = LAST_DAY[schema_editor.connection.vendor]
    schema_editor.execute(
        f"""INSERT INTO fees_billline (bill_id, number, kind, words, from_on, to_on, months, quantity_milli, unit,
            rate_hao, amount_fen)
        SELECT b.id, 1, CASE WHEN b.rate_hao IS NULL THEN 'words' ELSE 'rate' END, b.words,
            CASE WHEN b.rate_hao IS NOT NULL THEN b.period END,
            CASE WHEN b.rate_hao IS NOT NULL THEN {last_day} END,
            b.months, CASE WHEN b.rate_hao IS NOT NULL THEN COALESCE(CAST(b.area_dm2 AS bigint) * 10, 1000) END,
            CASE WHEN b.rate_hao IS NULL THEN '' WHEN b.area_dm2 IS NULL THEN 'home' ELSE 'm2' END,
            b.rate_hao, b.amount_fen
        FROM fees_bill b WHERE NOT EXISTS (SELECT 1 FROM fees_billline l WHERE l.bill_id = b.id)"""  # noqa: S608  (contains no input)
    )
    BillingRun = apps.get_model("fees", "BillingRun")
    for run in BillingRun.objects.only("period", "rate_hao").iterator():
        run.rates = [[run.period.isoformat(), run.rate_hao]]
        run.save(update_fields=["rates"])


class Migration(migrations.Migration):
    dependencies = [("fees", "0020_lines_and_reach")]
    operations = [migrations.RunPython(fill_lines, migrations.RunPython.noop)]
