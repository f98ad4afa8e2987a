"""What the documents say is what there is."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from videoannotator.cli.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_reference_pages_are_what_the_declarations_say() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_the_documents_exists_with_its_options(page: Path) -> None:
    unknown = [line for line in _commands(page.read_text(encoding="utf-8")) if not _exists(line)]
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_the_documents_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def _commands(text: str) -> list[str]:
    """The calls of the program in code blocks, a continued line as one."""
    blocks = re.findall(r"```(?:bash|sh|console|shell)?\n(.*?)```", text, flags=re.S)
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line.removeprefix("$ ") for line in lines if re.match(r"(\$ )?videoannotator ", line)]


def _exists(line: str) -> bool:
    words = shlex.split(re.split(r"\s[|>;&]|\s#", line)[0])[1:]
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    if hasattr(command, "commands") and words and not words[0].startswith("-"):
        return False
    known = {option for one in command.params for option in one.opts}
    return all(word.split("=")[0] in known for word in words if re.match(r"--?[a-z]", word))
