"""What a person chose or configured and that cannot be: names, parameters, configuration files."""

from videoannotator.domain.errors.kinds import InvalidRequest


class UnknownName(InvalidRequest):
    """A pipeline, component or parameter that nobody declared."""

    code = "UNKNOWN_NAME"
    title = "Unknown name"
    hint = "List the valid names with: videoannotator pipelines"


class UnknownPipeline(UnknownName):
    """No pipeline or component has this name or alias."""

    code = "PIPELINE_NOT_FOUND"
    title = "Unknown pipeline"


class UnknownComponent(UnknownName):
    """The pipeline has no component of this name."""

    code = "COMPONENT_NOT_FOUND"
    title = "Unknown component"


class UnknownParameter(UnknownName):
    """The component has no parameter of this name."""

    code = "PARAMETER_NOT_FOUND"
    title = "Unknown parameter"


class UnknownPreset(UnknownName):
    """A submission names a preset that its owner does not have."""

    code = "PRESET_UNKNOWN"
    title = "Unknown preset"
    hint = "List the presets with: videoannotator preset list"


class AmbiguousParameter(InvalidRequest):
    """A bare parameter name that several components have."""

    code = "PARAMETER_AMBIGUOUS"
    title = "Ambiguous parameter"
    hint = "Write component.parameter."


class InvalidParameter(InvalidRequest):
    """A parameter of the wrong type."""

    code = "INVALID_FIELD_TYPE"
    title = "Wrong type"


class ParameterOutOfRange(InvalidParameter):
    """A parameter of the right type outside its bounds."""

    code = "VALUE_OUT_OF_RANGE"
    title = "Value out of range"


class InvalidConfigFile(InvalidRequest):
    """A configuration file that is not TOML or JSON of the expected shape."""

    code = "INVALID_CONFIG_FILE"
    title = "The configuration file cannot be read"
    hint = "Check the file with a TOML or JSON linter."
