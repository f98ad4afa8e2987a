"""How Alembic reaches our tables; run by ``db.migrate`` inside the transaction that it hands over."""

from typing import Any

from alembic import context

from videoannotator.db.schema import METADATA


def _is_ours(_object: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """The durable-execution engine keeps tables of its own in the same database."""
    return not (kind == "table" and reflected and name not in METADATA.tables)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite can hardly alter a table: it is rebuilt instead
    include_object=_is_ours,
    user_module_prefix="schema.",
)
context.run_migrations()
