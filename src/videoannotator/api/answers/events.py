"""Events as lists show them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from videoannotator.api.answers.record import Answer
from videoannotator.domain.jobs import EventType


class ListedEvent(BaseModel):
    """An event as a list shows it: with the fields that its type carries."""

    model_config = ConfigDict(extra="allow")

    id: int
    type: EventType
    timestamp: datetime


class EventList(Answer):
    """Events, oldest first; ask again with ``after`` = ``next_after``."""

    events: tuple[ListedEvent, ...]
    next_after: int
