"""Every table of ours. The durable-execution engine keeps its own tables in the same database.

Times are fixed-width RFC 3339 text in UTC, so that they sort as text on every database.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text

from videoannotator.domain.clock import timestamp

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime kept as ``2026-01-31T12:00:00.000000Z``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else timestamp(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


# SQLite counts upwards for ever only in an INTEGER key declared AUTOINCREMENT.
_Serial = sa.BigInteger().with_variant(Integer, "sqlite")

blobs = Table(
    "blobs",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("size_bytes", sa.BigInteger, nullable=False),
    Column("media", JSON, nullable=False),  # domain.media.Video
    Column("path", Text, nullable=False),  # where the bytes lie
    Column("stamp", JSON),  # domain.places.FileStamp of a file that is used where it lies
    Column("created_at", Instant, nullable=False),
)

videos = Table(
    "videos",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("blob_sha256", Text, ForeignKey("blobs.sha256"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("owner", "blob_sha256", "filename"),
)

jobs = Table(
    "jobs",
    METADATA,
    Column("seq", _Serial, primary_key=True, autoincrement=True),  # order of submission
    Column("id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("progress", Float, nullable=False),
    Column("stage", Text),
    Column("video_id", Text, nullable=False, index=True),
    Column("video_filename", Text, nullable=False),
    Column("video_size_bytes", sa.BigInteger, nullable=False),
    Column("video_duration_seconds", Float, nullable=False),
    Column("video_width", Integer, nullable=False),
    Column("video_height", Integer, nullable=False),
    Column("video_frame_rate", Float),
    Column("selected_pipelines", JSON, nullable=False),
    Column("config", JSON, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("batch_id", Text, index=True),
    Column("output_directory", Text),
    Column("db_location", Text),
    Column("preset_id", Text),
    Column("preset_version", Integer),
    Column("places", JSON, nullable=False, server_default="{}"),  # domain.places.Places
    Column("start_s", Float),
    Column("end_s", Float),
    Column("attempt", Integer, nullable=False),
    Column("retry_of", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("completed_at", Instant),
    Column("cancelled_at", Instant),
    Column("cancel_reason", Text),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("hint", Text),
    Column("frames_per_s", Float),
    Column("eta_s", Float),
    Column("n_crashes", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("n_events", Integer, nullable=False),  # the job_seq of its last event
    Column("kept", Boolean, nullable=False, server_default=sa.false()),
    Column("expires_at", Instant),
    Column("expiry_warned_at", Instant),
    Column("execution", Text),  # who may write about the running job: one id per take-over
    Index("ix_jobs_owner_seq", "owner", "seq"),
    Index("ix_jobs_owner_status_seq", "owner", "status", "seq"),
    Index("ix_jobs_status_seq", "status", "seq"),
    sqlite_autoincrement=True,
)

job_components = Table(
    "job_components",
    METADATA,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("component", Text, primary_key=True),
    Column("place", Integer, nullable=False),  # order in the plan
    Column("pipeline", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("progress", Float, nullable=False),
    Column("frames_per_s", Float),
    Column("eta_s", Float),
    Column("started_at", Instant),
    Column("completed_at", Instant),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("hint", Text),
)

# No foreign key: the story of a deleted job stays readable until it is pruned.
events = Table(
    "events",
    METADATA,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("job_id", Text, nullable=False),
    Column("job_seq", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    sa.UniqueConstraint("job_id", "job_seq"),
    # The database itself refuses a second end of a job.
    Index(
        "uq_events_one_end",
        "job_id",
        unique=True,
        sqlite_where=sa.text("type IN ('job.complete', 'job.error', 'job.cancelled')"),
        postgresql_where=sa.text("type IN ('job.complete', 'job.error', 'job.cancelled')"),
    ),
    sqlite_autoincrement=True,
)

artifacts = Table(
    "artifacts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("pipeline", Text),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", sa.BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("job_id", "name"),
)

# Jobs per owner and status, kept by the same transactions, so that no list has to count its rows.
counters = Table(
    "counters",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("status", Text, primary_key=True),
    Column("n_jobs", Integer, nullable=False),
)

tokens = Table(
    "tokens",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),  # what may be shown of it
    Column("hash", Text, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
    Column("rotated_to", Text),
)

idempotency = Table(
    "idempotency",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", Text, primary_key=True),  # method and path
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer),  # None while the first request is under way
    Column("headers", JSON),
    Column("body", sa.LargeBinary),
    Column("created_at", Instant, nullable=False, index=True),
)

presets = Table(
    "presets",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("selected_pipelines", JSON, nullable=False),
    Column("config", JSON, nullable=False),
    Column("resolved", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("owner", "name"),
)

# Every version of every preset, the present one among them, as domain.presets.Preset.
preset_versions = Table(
    "preset_versions",
    METADATA,
    Column("preset_id", Text, ForeignKey("presets.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("preset", JSON, nullable=False),
)

preferences = Table(
    "preferences",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

batches = Table(
    "batches",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("cancelled_at", Instant),
    Column("completed_at", Instant),  # when its last item had ended
    Column("n_items", Integer, nullable=False, server_default="0"),
    Column("n_events", Integer, nullable=False, server_default="0"),
    Column("told", JSON),  # what its last event said
)

batch_items = Table(
    "batch_items",
    METADATA,
    Column("batch_id", Text, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),  # order in the batch, from 0
    Column("video", Text, nullable=False),  # how the video was named
    Column("video_id", Text),
    Column("video_path", Text),
    Column("wish", JSON, nullable=False),  # what differs from the batch's options
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("job_id", Text, index=True),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("hint", Text),
    Column("updated_at", Instant, nullable=False),
    Index("ix_batch_items_status", "batch_id", "status", "place"),
)

workers = Table(
    "workers",
    METADATA,
    Column("executor_id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("queues", JSON, nullable=False),
    Column("beat_s", Float, nullable=False),  # the database's clock, seconds since 1970
)

webhooks = Table(
    "webhooks",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    Column("description", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("secret", Text, nullable=False),  # needed to sign, so it cannot be a hash
    Column("last_event", sa.BigInteger, nullable=False),  # up to here it has been asked what to tell
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("webhook_id", Text, ForeignKey("webhooks.id"), nullable=False, index=True),
    Column("event_type", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Column("status", Text, nullable=False),
    Column("n_attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("response_status", Integer),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Index("ix_deliveries_status_next_at", "status", "next_at"),
    sqlite_autoincrement=True,
)

# Only ever added to; each row's hash covers the one before it.
audit = Table(
    "audit",
    METADATA,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("key_id", Text),
    Column("address", Text),
    Column("request_id", Text),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_autoincrement=True,
)
