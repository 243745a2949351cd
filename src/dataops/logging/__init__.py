"""Logs as JSON lines: one object per record, extra fields as keys of their own, secrets masked."""

import json
import logging
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

from dataops.config import Settings
from dataops.errors import UserError

MASK = "***"
_SECRET_NAME = re.compile(r"(?i)secret|password|token|access[._-]?key|credential")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        """Create a formatter that masks the given values wherever they occur."""
        super().__init__()
        self._secrets = sorted({json.dumps(secret)[1:-1] for secret in secrets if secret}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, value in vars(record).items():
            if name not in _OWN:
                fields[name] = MASK if _SECRET_NAME.search(name) else value
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        line = json.dumps(fields, default=str)
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line


def configure_logging(level: int | str = logging.INFO, stream: TextIO | None = None) -> None:
    """Send the root logger's records as JSON lines to a stream (standard error); calling it again starts anew."""
    try:
        secrets = Settings.load().secrets()
    except UserError:
        secrets = []  # whoever needs the settings says what is wrong with them
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("py4j", "botocore", "boto3", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
