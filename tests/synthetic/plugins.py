"""Small components whose results are known by arithmetic, for tests of registry, plan and engine."""

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from pydantic import Field

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.table import Column, TableSchema
from videoannotator.plugin.component import (
    Annotation,
    Chunk,
    Component,
    Context,
    Needs,
    Parameters,
    Pipeline,
    Unavailable,
)
from videoannotator.plugin.registry import Registry

LEVELS = TableSchema(
    "levels",
    "Mean of each sampled frame.",
    (
        Column("time_s", "float", "Presentation time.", "s"),
        Column("frame_index", "int", "Place of the frame."),
        Column("level", "float", "Mean, 0 to 255."),
    ),
)
SUMS = TableSchema(
    "sums",
    "Running sum of the levels: needs state from chunk to chunk.",
    (Column("time_s", "float", "Presentation time.", "s"), Column("total", "float", "Sum so far.")),
)
TOTAL = TableSchema("total", "The last sum.", (Column("total", "float", "Sum of all levels."),))
POWER = TableSchema("power", "Mean square.", (Column("power", "float", "Of the whole track."),))


class LevelParameters(Parameters):
    frames_per_s: float = Field(5.0, gt=0, le=60, description="Frames looked at per second.")
    region: Literal["all", "left", "right"] = Field("all", description="Where to look.")
    delay_s: float = Field(0.0, ge=0, le=1, description="Pause per frame.", json_schema_extra={"unit": "s"})
    fail_at: int | None = Field(None, ge=0, description="Index of the frame at which to break.")
    names: list[str] = Field(default_factory=list, description="Words that change nothing.")
    strict: bool = Field(False, description="A switch that changes nothing.")
    shout: bool = Field(False, description="Print where only reports belong, as native libraries do.")
    crash: bool = Field(False, description="Take the whole process down.")


class SumParameters(Parameters):
    gain: float = Field(1.0, ge=-10, le=10, description="Factor.")
    fail_at_start: bool = Field(False, description="Break when the model loads.")


class PowerParameters(Parameters):
    gain: float = Field(1.0, ge=0, le=10, description="Factor.")
    lie: bool = Field(False, description="Say a table that was not declared.")


@dataclass
class LevelSession:
    parameters: LevelParameters
    context: Context

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        assert chunk.frames is not None
        frames, half = chunk.frames, chunk.frames.rgb.shape[2] // 2
        area = {"all": slice(None), "left": slice(0, half), "right": slice(half, None)}[
            self.parameters.region
        ]
        for index, time_s in zip(frames.frame_index, frames.time_s, strict=True):
            if self.parameters.fail_at is not None and index >= self.parameters.fail_at:
                raise RuntimeError(f"broken at frame {index}")
            if self.parameters.shout:
                os.write(1, b"native noise\n")
            if self.parameters.crash:
                os.kill(os.getpid(), signal.SIGSEGV)
            time.sleep(self.parameters.delay_s)
            self.context.progress(float(time_s))
        levels = frames.rgb[:, :, area].mean(axis=(1, 2, 3)) if len(frames) else np.zeros(0)
        rows = LEVELS.table(time_s=frames.time_s, frame_index=frames.frame_index, level=levels)
        yield Annotation("levels", rows)
        yield Annotation("crops", rows, kept=False)

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return b""

    def close(self) -> None: ...


@dataclass
class SumSession:
    parameters: SumParameters
    total: float = 0.0
    seen: list[str] = field(default_factory=list)

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        crops = chunk.annotations["crops"]
        totals = self.total + self.parameters.gain * np.cumsum(crops["level"])
        self.total = float(totals[-1]) if len(totals) else self.total
        return [Annotation("sums", SUMS.table(time_s=crops["time_s"], total=totals))]

    def finish(self) -> Iterable[Annotation]:
        return [Annotation("total", TOTAL.table(total=[self.total]))]

    def save(self) -> bytes:
        return np.float64(self.total).tobytes()

    def close(self) -> None: ...


@dataclass
class PowerSession:
    parameters: PowerParameters

    def feed(self, chunk: Chunk) -> Iterable[Annotation]:
        assert chunk.audio is not None
        power = float(np.mean(np.square(chunk.audio.samples, dtype=np.float64)))
        table = "force" if self.parameters.lie else "power"
        return [Annotation(table, POWER.table(power=[self.parameters.gain * power]))]

    def finish(self) -> Iterable[Annotation]:
        return ()

    def save(self) -> bytes:
        return b""

    def close(self) -> None: ...


def _start_sum(parameters: SumParameters, context: Context, saved: bytes | None) -> SumSession:
    if parameters.fail_at_start:
        raise MemoryError("no room for the model")
    return SumSession(parameters, float(np.frombuffer(saved)[0]) if saved else 0.0)


def _never(parameters: Any, context: Context, saved: bytes | None) -> Any:
    raise AssertionError("a component that cannot run was started")


LEVEL = Component(
    name="level",
    display_name="Level",
    description="Mean brightness.",
    parameters=LevelParameters,
    needs=lambda p: Needs(frames_per_s=p.frames_per_s),
    produces=(LEVELS,),
    start=lambda parameters, context, saved: LevelSession(parameters, context),
    aliases=("brightness",),
)
SUM = Component(
    name="sum",
    display_name="Sum",
    description="Running sum of brightness.",
    parameters=SumParameters,
    needs=lambda p: Needs(annotations=("level",)),
    produces=(SUMS, TOTAL),
    start=_start_sum,
)
ABSENT = Component(
    name="absent",
    display_name="Absent",
    description="Its weights are nowhere.",
    parameters=Parameters,
    needs=lambda p: Needs(frames_per_s=1.0),
    produces=(),
    start=_never,
    unavailable=lambda p: Unavailable(ModelState.NOT_INSTALLED, "its weights are nowhere", "Make some."),
)
POWER_OF_SOUND = Component(
    name="loudness",
    display_name="Loudness",
    description="Mean square of the track.",
    parameters=PowerParameters,
    needs=lambda p: Needs(audio_rate_hz=16_000),
    produces=(POWER,),
    start=lambda parameters, context, saved: PowerSession(parameters),
    default_enabled=True,
)
LIGHT = Pipeline(
    name="light",
    display_name="Light",
    description="Brightness.",
    components=(LEVEL, SUM, ABSENT),
    aliases=("lamp",),
)
SOUND = Pipeline(
    name="sound",
    display_name="Sound",
    description="Loudness.",
    components=(POWER_OF_SOUND,),
    aliases=("noise",),
)
REGISTRY = Registry((SOUND, LIGHT))
