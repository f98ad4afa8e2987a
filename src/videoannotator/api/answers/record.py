"""What every answer's description is made from."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Base of answers: newer servers may add fields."""

    model_config = ConfigDict(extra="ignore")


def answers(model: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses``."""
    return {status: {"model": model}}


ANY_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"*/*": {}}}, 206: {"content": {"*/*": {}}}}


def without(record: type[BaseModel], *hidden: str) -> dict[str, Any]:
    """The fields of a record but those that are not shown, for ``create_model``."""
    fields = record.model_fields
    return {name: (field.annotation, field) for name, field in fields.items() if name not in hidden}
