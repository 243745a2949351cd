"""Keeps secrets out of whatever is told."""

import json
from typing import Any

from dataops.config import Settings


def masked(settings: Settings, document: dict[str, Any]) -> dict[str, Any]:
    """The document without any secret of the settings."""
    text = json.dumps(document)
    for secret in settings.secrets():
        text = text.replace(json.dumps(secret)[1:-1], "***")
    found: dict[str, Any] = json.loads(text)
    return found
