"""Triggers by which the books refuse to change in a month that is closed."""

# ruff: noqa: S608  (constants of a migration)

CLOSED = "this month is closed"
# Number of the advisory locks of an estate's books; the second number is the estate's key.
BOOKS = 710_281
# A day's sheet is about the company's money only: lines of the owners' funds come with the bank's statement.
IN_IT = (
    "c.status = 'signed' AND t.at < c.ends_at "
    "AND (c.kind = 'month' OR (t.at >= c.begins_at AND t.kind <> 'fund'))"
)
SQLITE = [
    f"""CREATE TRIGGER closed_no_transaction BEFORE INSERT ON fees_ledgertransaction
    WHEN EXISTS (
        SELECT 1 FROM (SELECT NEW.estate_id AS estate_id, NEW.at AS at, NEW.kind AS kind) t
        JOIN fees_closingsheet c ON c.estate_id = t.estate_id WHERE {IN_IT}
    ) BEGIN SELECT RAISE(ABORT, '{CLOSED}'); END""",
    f"""CREATE TRIGGER closed_no_entry BEFORE INSERT ON fees_entry
    WHEN EXISTS (
        SELECT 1 FROM fees_ledgertransaction t JOIN fees_closingsheet c ON c.estate_id = t.estate_id
        WHERE t.id = NEW.transaction_id AND {IN_IT}
    ) BEGIN SELECT RAISE(ABORT, '{CLOSED}'); END""",
]
REFUSE_TRANSACTION = f"""closed_refuse_transaction() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared({BOOKS}, e.estate_id::int)
        FROM (SELECT DISTINCT estate_id FROM written) e;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT estate_id, at, kind FROM written) t
        JOIN fees_closingsheet c ON c.estate_id = t.estate_id WHERE {IN_IT}
    ) THEN RAISE EXCEPTION '{CLOSED}' USING ERRCODE = 'check_violation'; END IF;
    RETURN NULL; END $$"""
# A transaction is looked up by its key for each row (OFFSET keeps the planner from joining the whole table, which
# it takes for a small one while it does not know how many rows a run has just added).
ITS_TRANSACTION = """CROSS JOIN LATERAL (
            SELECT estate_id, at, kind FROM fees_ledgertransaction WHERE id = w.transaction_id OFFSET 0
        ) t"""
REFUSE_ENTRY = f"""closed_refuse_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared({BOOKS}, e.estate_id::int) FROM (
        SELECT DISTINCT t.estate_id FROM written w {ITS_TRANSACTION}
    ) e;
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT t.estate_id, t.at, t.kind FROM written w {ITS_TRANSACTION}) t
        JOIN fees_closingsheet c ON c.estate_id = t.estate_id WHERE {IN_IT}
    ) THEN RAISE EXCEPTION '{CLOSED}' USING ERRCODE = 'check_violation'; END IF;
    RETURN NULL; END $$"""
# Who writes holds the estate's books until the end of their transaction; who signs waits for all of them, and
# whoever writes later waits for the signature. Each query of a function sees what is committed by then.
POSTGRESQL = [
    f"CREATE FUNCTION {REFUSE_TRANSACTION}",
    """CREATE TRIGGER closed_no_transaction AFTER INSERT ON fees_ledgertransaction
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION closed_refuse_transaction()""",
    f"CREATE FUNCTION {REFUSE_ENTRY}",
    """CREATE TRIGGER closed_no_entry AFTER INSERT ON fees_entry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION closed_refuse_entry()""",
    f"""CREATE FUNCTION closed_wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock({BOOKS}, NEW.estate_id::int); RETURN NEW; END $$""",
    """CREATE TRIGGER closed_wait BEFORE INSERT OR UPDATE ON fees_closingsheet
    FOR EACH ROW WHEN (NEW.status = 'signed') EXECUTE FUNCTION closed_wait()""",
]
UNDO_SQLITE = ["DROP TRIGGER closed_no_entry", "DROP TRIGGER closed_no_transaction"]
UNDO_POSTGRESQL = [
    "DROP TRIGGER closed_wait ON fees_closingsheet",
    "DROP FUNCTION closed_wait()",
    "DROP TRIGGER closed_no_entry ON fees_entry",
    "DROP FUNCTION closed_refuse_entry()",
    "DROP TRIGGER closed_no_transaction ON fees_ledgertransaction",
    "DROP FUNCTION closed_refuse_transaction()",
]
