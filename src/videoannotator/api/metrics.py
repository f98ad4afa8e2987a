"""Figures for Prometheus, read from the health sample when somebody asks."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from videoannotator.api.state import Services


class _Sample(Collector):
    def __init__(self, given: Services) -> None:
        self._given = given

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge per figure."""
        sample = self._given.health.sample
        workers = sample["workers"]
        figures = {
            "uptime_seconds": ("Seconds since the server started.", sample["uptime_seconds"]),
            "jobs_active": ("Jobs that are running.", workers["active_jobs"]),
            "jobs_queued": ("Jobs that wait.", workers["queued_jobs"]),
            "disk_usage_percent": (
                "How full the data directory's disk is.",
                sample["diagnostics"]["storage"]["disk_usage_percent"],
            ),
            "event_streams": ("Open event streams.", self._given.hub.n_streams),
            "healthy": ("1 when nothing is degraded.", float(sample["status"] == "healthy")),
        }
        for name, (meaning, value) in figures.items():
            yield GaugeMetricFamily(f"videoannotator_{name}", meaning, value=value)


def render(given: Services) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(_Sample(given))
    return generate_latest(registry)
