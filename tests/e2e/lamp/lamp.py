"""A component with a model that a package carries: says what the model's file holds."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from videoannotator.domain.table import Column, TableSchema
from videoannotator.plugin.component import Annotation, Chunk, Component, Context, Needs, Parameters, Pipeline

LIGHT = TableSchema("light", "What the model holds.", (Column("text", "text", "Its content."),))


class LampSession:
    """Nothing but its model."""

    def __init__(self, model: Path) -> None:
        self._text = model.read_text()

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        return ()

    def finish(self) -> Iterable[Annotation]:
        yield Annotation("light", LIGHT.table(text=[self._text]))

    def save(self) -> bytes:
        return b""

    def close(self) -> None: ...


def start(parameters: Any, context: Context, saved: bytes | None) -> LampSession:
    """Fetched where it is missing."""
    return LampSession(context.weights("lamp"))


COMPONENT = Component(
    "lamp", "Lamp", "Shines.", Parameters, needs=lambda p: Needs(frames_per_s=1.0), produces=(LIGHT,),
    start=start, weights=lambda p: ("lamp",),
)  # fmt: skip
PIPELINE = Pipeline(
    "light", "Light", "Shines.", (COMPONENT,), weights_manifest=Path(__file__).with_name("weights.toml")
)
