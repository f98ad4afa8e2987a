"""What the routes work with, made once when the server starts."""

from dataclasses import dataclass

from fastapi import Request

from videoannotator.api.hub import Hub
from videoannotator.api.tus_storage import UploadStorage
from videoannotator.files.blobs import BlobStore
from videoannotator.services.annotations import JobAnnotations
from videoannotator.services.artifacts import Artifacts
from videoannotator.services.audit import Audit
from videoannotator.services.batch_results import BatchResults
from videoannotator.services.batches import Batches
from videoannotator.services.catalogue import Catalogue
from videoannotator.services.events import Events
from videoannotator.services.health import Health
from videoannotator.services.idempotency import Idempotency
from videoannotator.services.jobs import Jobs
from videoannotator.services.logs import Logs
from videoannotator.services.memo import Memo
from videoannotator.services.preferences import PreferenceStore
from videoannotator.services.preparing import Preparer
from videoannotator.services.presets import Presets
from videoannotator.services.pulls import Pulls
from videoannotator.services.results import Results
from videoannotator.services.retention import Retention
from videoannotator.services.sessions import Sessions
from videoannotator.services.submissions import Submissions
from videoannotator.services.tickets import Tickets
from videoannotator.services.tokens import Tokens
from videoannotator.services.uploads import Uploads
from videoannotator.services.videos import Videos
from videoannotator.services.webhook_sender import WebhookSender
from videoannotator.services.webhooks import Webhooks

Page = tuple[bytes, str | None]  # its JSON and the cursor of the next one


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case that the API offers."""

    jobs: Jobs
    videos: Videos
    submissions: Submissions
    artifacts: Artifacts
    annotations: JobAnnotations
    results: Results
    uploads: Uploads
    upload_storage: UploadStorage
    batches: Batches
    batch_results: BatchResults
    preparer: Preparer
    idempotency: Idempotency
    events: Events
    logs: Logs
    tokens: Tokens
    tickets: Tickets
    sessions: Sessions
    catalogue: Catalogue
    pulls: Pulls
    presets: Presets
    preferences: PreferenceStore
    health: Health
    audit: Audit
    retention: Retention
    webhooks: Webhooks
    webhook_sender: WebhookSender
    blobs: BlobStore
    hub: Hub
    pages: Memo[Page]  # of the job list: many watchers ask for the same ones
    snapshots: Memo[bytes]  # with which event streams begin
    auth_required: bool


async def services(request: Request) -> Services:
    """The services of the application that got the request; async, as that costs no change of threads."""
    found: Services = request.app.state.services
    return found
