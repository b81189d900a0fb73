"""The end of a reference: the four digits that people say on the phone."""

from django.db.models import CharField, Transform


@CharField.register_lookup
class LastFour(Transform):
    """Last four characters of a column, for filters (``reference__last_four="0042"``) and for the index that
    serves them. The number stands in the statement: SQLite finds an index only by the same text.
    """

    lookup_name = "last_four"
    output_field = CharField()
    function = "right"
    template = "%(function)s(%(expressions)s, 4)"

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        """SQLite has no ``right``."""
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, -4)", **context)
