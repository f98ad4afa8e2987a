"""The finished files of finished jobs; rows appear in the transaction that completes the job."""

from collections.abc import Iterable

import sqlalchemy as sa

from videoannotator.db.schema import artifacts
from videoannotator.domain.jobs import Artifact


def add(connection: sa.Connection, files: Iterable[Artifact]) -> None:
    """Record files."""
    if rows := [file.model_dump() for file in files]:
        connection.execute(sa.insert(artifacts), rows)


def of_job(connection: sa.Connection, job_id: str) -> tuple[Artifact, ...]:
    """A job's files by name."""
    query = sa.select(artifacts).where(artifacts.c.job_id == job_id).order_by(artifacts.c.name)
    return tuple(Artifact.model_validate(dict(row)) for row in connection.execute(query).mappings())
