"""The Python client of a VideoAnnotator server.

from videoannotator.client import Client

with Client("http://127.0.0.1:18011", token="va_...") as client:
    job = client.submit("clip.mp4", pipelines=["person_tracking"])
    for event in client.watch(job.id):
        print(event.type, event.data.get("progress"))
    client.fetch(job.id, "results")
"""

from videoannotator.client.errors import CannotConnect, Refused
from videoannotator.client.http import Client
from videoannotator.client.records import Artifact, Component, Event, Job

__all__ = ["Artifact", "CannotConnect", "Client", "Component", "Event", "Job", "Refused"]
