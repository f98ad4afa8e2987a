"""Places, videos that are used where they lie, clips, and the items of batches."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from videoannotator.db import schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "blobs": (sa.Column("stamp", sa.JSON()),),
        "jobs": (
            sa.Column("places", sa.JSON(), server_default="{}", nullable=False),
            sa.Column("start_s", sa.Float()),
            sa.Column("end_s", sa.Float()),
        ),
        "batches": (
            sa.Column("cancelled_at", schema.Instant()),
            sa.Column("completed_at", schema.Instant()),
            sa.Column("n_items", sa.Integer(), server_default="0", nullable=False),
            sa.Column("n_events", sa.Integer(), server_default="0", nullable=False),
            sa.Column("told", sa.JSON()),
        ),
    }


def upgrade() -> None:
    """Change the tables."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "batch_items",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("video", sa.Text(), nullable=False),
        sa.Column("video_id", sa.Text()),
        sa.Column("video_path", sa.Text()),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Text()),
        sa.Column("error_code", sa.Text()),
        sa.Column("error_message", sa.Text()),
        sa.Column("hint", sa.Text()),
        sa.Column("updated_at", schema.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_items_batch_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "place", name=op.f("pk_batch_items")),
    )
    op.create_index(op.f("ix_batch_items_job_id"), "batch_items", ["job_id"])
    op.create_index("ix_batch_items_status", "batch_items", ["batch_id", "status", "place"])


def downgrade() -> None:
    """Undo it."""
    op.drop_table("batch_items")
    for table, columns in _added().items():
        with op.batch_alter_table(table) as changes:
            for column in columns:
                changes.drop_column(column.name)
