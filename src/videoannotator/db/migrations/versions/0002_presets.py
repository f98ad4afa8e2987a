"""Presets keep their versions, and jobs the preset that they used."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    op.add_column("jobs", sa.Column("preset_id", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("preset_version", sa.Integer(), nullable=True))
    with op.batch_alter_table("presets") as batch_op:
        batch_op.add_column(sa.Column("scope", sa.Text(), nullable=False, server_default="user"))
        batch_op.add_column(sa.Column("resolved", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.drop_column("shared")
    with op.batch_alter_table("presets") as batch_op:
        batch_op.alter_column("scope", server_default=None)
        batch_op.alter_column("resolved", server_default=None)
    op.create_table(
        "preset_versions",
        sa.Column("preset_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("preset", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["preset_id"], ["presets.id"], name=op.f("fk_preset_versions_preset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("preset_id", "version", name=op.f("pk_preset_versions")),
    )


def downgrade() -> None:
    """Change them back."""
    op.drop_table("preset_versions")
    with op.batch_alter_table("presets") as batch_op:
        batch_op.drop_column("resolved")
        batch_op.drop_column("scope")
        batch_op.add_column(sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_column("preset_version")
        batch_op.drop_column("preset_id")
