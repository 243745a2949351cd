"""Reads YAML that people write, and says where it is broken."""

from pathlib import Path
from typing import Any

import yaml

from dataops.errors import UserError


def read_yaml(path: Path) -> Any:
    """Read a file of one YAML document.

    Args:
        path: The file.

    Returns:
        What it holds.

    Raises:
        UserError: It is not YAML; the message names the line.
    """
    try:
        return yaml.safe_load(path.read_bytes())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{path} is not valid YAML: line {line}: {error.problem}; correct it there") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not valid YAML: {str(error).splitlines()[0]}; write it as plain text") from None
