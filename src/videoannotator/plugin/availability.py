"""Whether a component can run on this machine, and if not, why and what mends it."""

from videoannotator.domain.catalogue import ModelState
from videoannotator.domain.errors import UnknownName
from videoannotator.plugin.component import Component, Parameters, Unavailable
from videoannotator.weights.library import Library


def obstacle(component: Component, parameters: Parameters, library: Library) -> Unavailable | None:
    """What keeps the component from running with these parameters.

    Weights that are only to be fetched do not, unless nothing may be fetched.
    """
    if (found := component.unavailable(parameters)) is not None:
        return found
    usable = (ModelState.READY,) if library.offline else (ModelState.READY, ModelState.DOWNLOADABLE)
    return next((lack for lack in _lacks(component, parameters, library) if lack.state not in usable), None)


def state(component: Component, parameters: Parameters, library: Library) -> ModelState:
    """``READY``, ``DOWNLOADABLE``, or the state that keeps the component from running."""
    if (found := obstacle(component, parameters, library)) is not None:
        return found.state
    return ModelState.DOWNLOADABLE if _lacks(component, parameters, library) else ModelState.READY


def _lacks(component: Component, parameters: Parameters, library: Library) -> list[Unavailable]:
    found = (_lack(model, library) for model in component.weights(parameters))
    return [lack for lack in found if lack is not None]


def _lack(model: str, library: Library) -> Unavailable | None:
    try:
        status = library.status(model)
    except UnknownName as error:
        return Unavailable(ModelState.FAILED, str(error), "Mend or reinstall the plugin it belongs to.")
    if status.state is ModelState.READY:
        return None
    return Unavailable(status.state, f"{model}: {status.reason}", status.hint or "")
