"""Migrations of indexes that do not stop an estate at work."""

from typing import Any

from django.db.migrations.operations import AddIndex, RemoveIndex


def _is_postgresql(schema_editor: Any) -> bool:
    return bool(schema_editor.connection.vendor == "postgresql")


class AddIndexOnline(AddIndex):
    """Adds an index; PostgreSQL does it while others write. Its migration needs ``atomic = False``."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Builds the index anew if an earlier attempt was cut off and left an invalid one."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        if _is_postgresql(schema_editor):
            schema_editor.execute(
                f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}"
            )
            schema_editor.add_index(model, self.index, concurrently=True)
            if self.index.expressions:
                # The planner knows nothing of an expression until its table is analysed.
                schema_editor.execute(f"ANALYZE {schema_editor.quote_name(model._meta.db_table)}")
        else:
            schema_editor.add_index(model, self.index)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            _remove(schema_editor, model, self.index)


class RemoveIndexOnline(RemoveIndex):
    """Removes an index; PostgreSQL does it while others write. Its migration needs ``atomic = False``."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            state = from_state.models[app_label, self.model_name_lower]
            _remove(schema_editor, model, state.get_index_by_name(self.name))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        state = to_state.models[app_label, self.model_name_lower]
        index = state.get_index_by_name(self.name)
        adding = AddIndexOnline(self.model_name, index)
        adding.database_forwards(app_label, schema_editor, from_state, to_state)


def _remove(schema_editor: Any, model: Any, index: Any) -> None:
    if _is_postgresql(schema_editor):
        schema_editor.remove_index(model, index, concurrently=True)
    else:
        schema_editor.remove_index(model, index)
