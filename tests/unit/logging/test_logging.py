"""Logs: one JSON object per line, extra fields as keys, secrets never."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from dataops.logging import MASK, configure_logging


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(stream: io.StringIO) -> dict[str, object]:
    """Return the one line that was written."""
    (line,) = stream.getvalue().splitlines()
    fields = json.loads(line)
    assert isinstance(fields, dict)
    return fields


def test_a_record_is_one_line_with_its_fields() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    logging.getLogger("jobs").info("stage %s", "finished", extra={"rows_in": 3, "rows_rejected": {"late": 1}})
    fields = logged(stream)
    assert fields["message"] == "stage finished" and fields["logger"] == "jobs" and fields["level"] == "INFO"
    assert fields["rows_in"] == 3 and fields["rows_rejected"] == {"late": 1}


def test_an_exception_stays_on_the_line() -> None:
    stream = io.StringIO()
    configure_logging(stream=stream)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("jobs").exception("failed")
    assert "two\nlines" in str(logged(stream)["exception"])


def test_secrets_are_masked_wherever_they_occur(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", 'can"ary')
    stream = io.StringIO()
    configure_logging(stream=stream)
    logging.getLogger("jobs").info('key can"ary', extra={"where": ['can"ary'], "db_password": "other"})
    assert "ary" not in stream.getvalue()
    assert logged(stream)["db_password"] == MASK


def test_wrong_settings_do_not_stop_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ADDRESSING_STYLE", "nonsense")
    stream = io.StringIO()
    configure_logging(stream=stream)
    logging.getLogger("jobs").warning("still here")
    assert logged(stream)["message"] == "still here"
