"""YAML as the project reads it: plain data only, by libyaml's parser, which makes a hundred contracts a matter of a blink."""

from __future__ import annotations

from typing import Any

import yaml

Loader = yaml.CSafeLoader


def parse(text: str) -> Any:
    """The one document of a text. Raises yaml.YAMLError with the line."""
    return yaml.load(text, Loader)
