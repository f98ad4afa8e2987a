"""Components that cannot run or break, and the weights that they need."""

from videoannotator.domain.errors.kinds import VideoAnnotatorError


class ComponentUnavailable(VideoAnnotatorError):
    """The component is known, but cannot run here."""

    code = "COMPONENT_UNAVAILABLE"
    title = "The component cannot run here"
    hint = "See why with: videoannotator pipelines"


class NotEnoughMemory(ComponentUnavailable):
    """The model would not fit into the memory that is free."""

    code = "NOT_ENOUGH_MEMORY"
    title = "The model does not fit into the free memory"
    hint = "Choose a smaller model or another device, or free some memory and try again."


class ComponentFailed(VideoAnnotatorError):
    """A component broke while it worked; the others' results are kept."""

    code = "COMPONENT_FAILED"
    title = "A component failed"
    hint = "See the log of the run."


class ComponentCrashed(ComponentFailed):
    """The process that ran the models died: a signal, or no memory left."""

    code = "COMPONENT_CRASHED"
    title = "The process that ran the models died"
    hint = "What was finished is kept: go on with --resume; if it dies again, leave the last component out."


class WeightsError(VideoAnnotatorError):
    """Model weights are not usable."""

    code = "WEIGHTS_FAILED"
    title = "Model weights are not usable"
    hint = "Try again with: videoannotator weights pull"


class WeightsMissing(WeightsError):
    """The weights are not on this machine."""

    code = "WEIGHTS_MISSING"
    title = "Model weights are missing"


class WeightsCorrupt(WeightsError):
    """A file whose hash is not the expected one."""

    code = "WEIGHTS_CORRUPT"
    title = "Model weights do not match their hash"


class WeightsGated(WeightsError):
    """Whoever publishes the weights asks for an account and a promise first."""

    code = "WEIGHTS_GATED"
    title = "The licence of these weights has to be accepted with an account"


class LicenceNotAllowed(WeightsError):
    """The licence mode forbids these weights."""

    code = "LICENCE_NOT_ALLOWED"
    title = "The licence of these weights is not allowed here"
    hint = 'An operator may allow it with the setting licence_mode = "research".'
