"""A component of your own: how bright the picture is, five times a second."""

from collections.abc import Iterable

from pydantic import Field

from videoannotator.domain.table import Column, TableSchema
from videoannotator.plugin.component import Annotation, Chunk, Component, Context, Needs, Parameters, Pipeline

TIME = Column("time_s", "float", "Presentation time from the container's start.", "s")
MEAN = Column("brightness", "float", "Mean of all pixels: 0 is black, 255 is white.")
BRIGHTNESS = TableSchema("brightness", "How bright each sampled picture is.", (TIME, MEAN))


class BrightnessParameters(Parameters):
    """What a person may set."""

    frames_per_s: float = Field(5.0, ge=0.001, le=60, description="Pictures looked at per second.")


class BrightnessSession:
    """It carries nothing from one chunk to the next, so there is no state to save."""

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        mean = chunk.frames.rgb.mean(axis=(1, 2, 3))
        yield Annotation("brightness", BRIGHTNESS.table(time_s=chunk.frames.time_s, brightness=mean))

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return b""

    def close(self) -> None: ...


def start(parameters: BrightnessParameters, context: Context, saved: bytes | None) -> BrightnessSession:
    """A real component imports its library and loads its model here."""
    return BrightnessSession()


COMPONENT = Component(
    "mean_brightness", "Mean brightness", "How bright the picture is.", BrightnessParameters,
    needs=lambda p: Needs(frames_per_s=p.frames_per_s), produces=(BRIGHTNESS,), start=start,
)  # fmt: skip
PIPELINE = Pipeline("brightness", "Brightness", "How bright the picture is.", (COMPONENT,))
