"""Makes secret values: passwords, keys, certificates, and values that follow from others."""

import base64
import re
import secrets
import string
from collections.abc import Callable

from dataops.errors import UserError

_PASSWORD_ALPHABET = string.ascii_letters + string.digits
_ACCESS_KEY_ALPHABET = string.ascii_uppercase + string.digits
# a password inside an address, a pgpass line or an ini file
_EMBEDDED = re.compile(r"(?<=:)[^:@/\s]+(?=@|\Z)|(?<=password = )\S+|(?<=password=)\S+")
_REFERENCE = re.compile(r"\{([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)?)\}")

WELL_KNOWN = frozenset(
    "admin administrator airflow changeit changeme change-me default dev example guest hub jupyter jupyterhub letmein "
    "minio minio123 minioadmin mlflow passw0rd password password1 password123 password1234 postgres qwerty root "
    "secret spark test todo user 1234 12345 123456 12345678".split()
)


def generate(kind: str) -> str:
    """Make a random value.

    Args:
        kind: password, hex32, fernet or access-key.

    Returns:
        A value of letters and digits, which needs no quoting in a URL or an ini file.
    """
    match kind:
        case "password":
            return "".join(secrets.choice(_PASSWORD_ALPHABET) for _ in range(32))
        case "hex32":
            return secrets.token_hex(32)
        case "fernet":
            return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        case "access-key":
            return "".join(secrets.choice(_ACCESS_KEY_ALPHABET) for _ in range(20))
    raise UserError(f"secrets.yaml asks for generate: {kind}: choose password, hex32, fernet, access-key, ca or tls")


def references(template: str) -> list[str]:
    """The names between braces in a value's template, in order."""
    return _REFERENCE.findall(template)


def fill(template: str, lookup: Callable[[str], str]) -> str:
    """Replace each `{name}` of a template.

    Args:
        template: The text of `value:`.
        lookup: Gives the text for a name.

    Returns:
        The value.
    """
    return _REFERENCE.sub(lambda match: lookup(match.group(1)), template)


def weakness(value: bytes) -> str | None:
    """Why a value must not guard anything.

    Args:
        value: A secret's bytes.

    Returns:
        A few words, or None when nothing is known against it.
    """
    text = value.decode("utf-8", errors="replace").strip()
    if not text:
        return "an empty value"
    if text.lower() in WELL_KNOWN or any(part.lower() in WELL_KNOWN for part in _EMBEDDED.findall(text)):
        return "a well-known value"
    return None
