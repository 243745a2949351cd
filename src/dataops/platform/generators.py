"""Makes secret values: passwords, keys, certificates, and values that follow from others."""

import base64
import re
import secrets
import string
from collections.abc import Callable
from urllib.parse import quote

from dataops.errors import UserError

SHORTEST = 8
_PASSWORD_ALPHABET = string.ascii_letters + string.digits
_ACCESS_KEY_ALPHABET = string.ascii_uppercase + string.digits
# a password inside an address, a pgpass line or an ini file
_EMBEDDED = re.compile(r"(?<=:)[^:@/\s]+(?=@|\Z)|(?<=password = )\S+|(?<=password=)\S+")
_REFERENCE = re.compile(r"\{([A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)?)((?::[a-z]+)*)\}")
# how a value is written where some of its characters mean something
_WRITTEN: dict[str, Callable[[str], str]] = {
    "url": lambda text: quote(text, safe=""),
    "ini": lambda text: text.replace("%", "%%"),
    "pgpass": lambda text: re.sub(r"([:\\])", r"\\\1", text),
}

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


def references(template: str) -> dict[str, str]:
    """The names between braces in a value's template, each with the forms that its value is written in."""
    return dict(_REFERENCE.findall(template))


def fill(template: str, lookup: Callable[[str], str]) -> str:
    """Replace each `{name}` of a template; `{name:url:ini}` writes the value for an address inside an ini file.

    Args:
        template: The text of `value:`.
        lookup: Gives the text for a name.

    Returns:
        The value.
    """
    return _REFERENCE.sub(lambda match: written(lookup(match.group(1)), match.group(2)), template)


def written(text: str, forms: str) -> str:
    """A value as it stands in an address (`:url`), an ini file (`:ini`) or a password file (`:pgpass`)."""
    for form in forms.split(":")[1:]:
        text = _WRITTEN[form](text)
    return text


def weakness(value: bytes) -> str | None:
    """Why a value must not guard anything.

    Args:
        value: A secret's bytes.

    Returns:
        A few words, or None when nothing is known against it.
    """
    try:
        text = value.decode().strip()
    except UnicodeDecodeError:
        return "bytes that are no text"
    if not text:
        return "an empty value"
    if text.lower() in WELL_KNOWN or any(part.lower() in WELL_KNOWN for part in _EMBEDDED.findall(text)):
        return "a well-known value"
    return None


def damage(kind: str | None, value: str) -> str | None:
    """Why a value cannot be what it is for.

    Args:
        kind: How such a value is generated; None for any text.
        value: The value.

    Returns:
        A few words, or None when nothing is known against it.
    """
    if value != value.strip():
        return "a stray space or newline around the value"
    match kind:
        case "hex32" if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            return "a value that is not 64 hexadecimal digits"
        case "fernet" if not all(_is_fernet(part) for part in value.split(",")):
            return "a value that is no Fernet key"
        case "password" if len(value) < SHORTEST:
            return f"a value of less than {SHORTEST} characters"
    return None


def _is_fernet(text: str) -> bool:
    try:
        return len(base64.b64decode(text.strip(), altchars=b"-_", validate=True)) == 32
    except ValueError:
        return False
