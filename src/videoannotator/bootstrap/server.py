"""The server, joined: database, stores, use cases, application and workers."""

import socket
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from starlette.types import ASGIApp

from videoannotator import __version__, bootstrap
from videoannotator.api.app import API_VERSION, Appearance, create_app
from videoannotator.api.hub import Hub
from videoannotator.api.middleware import Surroundings
from videoannotator.api.state import Services
from videoannotator.api.tus_storage import UploadStorage
from videoannotator.bootstrap import data_dir, workers
from videoannotator.bootstrap.storage import open_database, open_roots
from videoannotator.db.database import Database
from videoannotator.domain.media import Video
from videoannotator.files.blobs import BlobStore
from videoannotator.files.placed_results import PlacedResults
from videoannotator.media.decoder import decoder_version
from videoannotator.media.probe import ProbeLimits, probe
from videoannotator.plugin.devices import n_gpus
from videoannotator.plugin.registry import Registry
from videoannotator.services.annotations import JobAnnotations
from videoannotator.services.artifacts import Artifacts
from videoannotator.services.attempts import Attempts
from videoannotator.services.audit import Audit
from videoannotator.services.batch_results import BatchResults
from videoannotator.services.batches import Batches
from videoannotator.services.catalogue import Catalogue
from videoannotator.services.choices import Choices
from videoannotator.services.events import Events
from videoannotator.services.health import Health, Machine, WorkerLoad
from videoannotator.services.idempotency import Idempotency
from videoannotator.services.jobs import Jobs
from videoannotator.services.logs import Logs
from videoannotator.services.memo import Memo
from videoannotator.services.places import Places
from videoannotator.services.preferences import PreferenceStore
from videoannotator.services.preparing import Preparer
from videoannotator.services.presets import Presets
from videoannotator.services.pulls import Pulls
from videoannotator.services.results import Results
from videoannotator.services.retention import Kept, Retention
from videoannotator.services.sessions import Sessions
from videoannotator.services.submissions import Submissions
from videoannotator.services.tickets import Tickets
from videoannotator.services.tokens import Tokens
from videoannotator.services.uploads import Uploads
from videoannotator.services.videos import Videos
from videoannotator.services.webhook_sender import WebhookSender
from videoannotator.services.webhooks import Webhooks
from videoannotator.settings import Settings
from videoannotator.worker import queue
from videoannotator.worker.lease import workers_elsewhere
from videoannotator.worker.supervisor import Supervisor

PULLER = (sys.executable, "-m", "videoannotator.cli.puller")
# Of each batch, in the queue or at work: enough for a worker that ends a job to find the next one ready.
_JOBS_PER_WORKER = 2


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready to answer.

    ``first_key`` is told once, when there was no key before; ``start_ticket`` opens the page without one.
    """

    app: ASGIApp
    services: Services
    supervisor: Supervisor
    first_key: str | None
    start_ticket: str | None


def open_server(settings: Settings) -> Server:
    """Join everything. The data directory must be claimed; raises like ``open_database``."""
    database = open_database(settings)
    queue.prepare(database.url)
    supervisor = workers.supervisor(settings, database.url)
    services = _services(settings, database, supervisor)
    services.videos.tidy()
    services.upload_storage.remove_expired()
    first_key = _first_key(services.tokens, settings) if settings.auth else None
    surroundings = Surroundings(_hosts(settings), settings.cors_origins)
    app = create_app(services, Appearance(__version__, surroundings, settings.viewer_dir))
    return Server(app, services, supervisor, first_key, _start_ticket(services, settings))


def _services(settings: Settings, database: Database, supervisor: Supervisor) -> Services:
    registry, secret = bootstrap.open_registry(), data_dir.secret(settings.data_dir)
    library = bootstrap.open_library(registry, settings)
    catalogue = Catalogue(registry, library)
    roots = open_roots(settings)
    placed = PlacedResults(roots, settings.data_dir)
    jobs = Jobs(
        database, queue.DurableQueue(database), settings.data_dir, placed, queue_of=workers.queue_of(settings)
    )
    blobs = BlobStore(
        settings.data_dir / "blobs",
        max_bytes=settings.max_upload_bytes,
        reserve_bytes=settings.reserve_bytes,
    )
    limits = ProbeLimits(max_duration_s=settings.max_duration_s, max_side_px=settings.max_side_px)

    def examine(path: Path, sha256: str | None = None, name: str | None = None) -> Video:
        return probe(path, limits, sha256=sha256, name=name)

    def load() -> WorkerLoad:
        elsewhere = workers_elsewhere(database)
        return WorkerLoad(supervisor.n_workers + elsewhere, len(supervisor.pids()) + elsewhere)

    videos = Videos(database, blobs, examine, roots)
    presets = Presets(database, catalogue)
    places = Places(roots)
    preferences = PreferenceStore(database, presets, catalogue, places)
    submissions = Submissions(jobs, catalogue, Choices(presets, preferences, catalogue), places)
    batches = Batches(database, jobs, submissions)
    return Services(
        jobs=jobs,
        videos=videos,
        submissions=submissions,
        artifacts=Artifacts(jobs, videos),
        annotations=JobAnnotations(jobs, videos, registry),
        results=Results(jobs),
        uploads=Uploads(blobs, videos, submissions),
        upload_storage=UploadStorage(settings.data_dir / "uploads"),
        batches=batches,
        batch_results=BatchResults(batches, jobs),
        preparer=Preparer(database, videos, submissions, share=_JOBS_PER_WORKER * max(settings.workers, 1)),
        idempotency=Idempotency(database),
        events=Events(database),
        logs=Logs(database),
        tokens=Tokens(database, attempts=Attempts(settings.worthless_keys_per_minute)),
        tickets=Tickets(secret),
        sessions=Sessions(secret),
        catalogue=catalogue,
        pulls=Pulls(library, PULLER, workers.variables(settings)),
        presets=presets,
        preferences=preferences,
        health=Health(_machine(settings, registry), jobs, settings.data_dir, load),
        audit=Audit(database),
        retention=Retention(database, jobs, videos, _kept(settings)),
        webhooks=Webhooks(database, private=settings.private_webhooks),
        webhook_sender=WebhookSender(database, private=settings.private_webhooks),
        blobs=blobs,
        hub=Hub(),
        pages=Memo(database, most=64),
        snapshots=Memo(database, most=64),
        auth_required=settings.auth,
    )


def _machine(settings: Settings, registry: Registry) -> Machine:
    return Machine(
        version=__version__,
        api_version=API_VERSION,
        auth_required=settings.auth,
        media_library=decoder_version(),
        pipelines=tuple(pipeline.name for pipeline in registry.pipelines),
        n_gpus=n_gpus(),
    )


def _kept(settings: Settings) -> Kept:
    def days(number: float | None) -> timedelta | None:
        return None if number is None else timedelta(days=number)

    return Kept(
        jobs=days(settings.keep_results_days),
        events=days(settings.keep_events_days),
        deliveries=days(settings.keep_deliveries_days),
        audit=days(settings.keep_audit_days),
    )


def _first_key(tokens: Tokens, settings: Settings) -> str | None:
    key = tokens.first()
    if key is not None:
        data_dir.write_private(settings.data_dir / data_dir.TOKEN_FILE, key)
    return key


def _start_ticket(services: Services, settings: Settings) -> str | None:
    """What opens the page with the operator's rights; whoever starts the server has them anyway."""
    key = services.tokens.operator() if settings.auth else None
    return services.sessions.start_ticket(key.id) if key else None


def _hosts(settings: Settings) -> frozenset[str]:
    if "*" in settings.allowed_hosts:
        return frozenset()
    own = {"localhost", "127.0.0.1", "::1", settings.host, socket.gethostname()}
    return frozenset(name.lower() for name in own.union(settings.allowed_hosts))
