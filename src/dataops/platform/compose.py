"""Without Kubernetes: makes what docker-compose.yml names and Git does not hold (`make compose`)."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from dataops.errors import UserError
from dataops.platform import ca, secrets, trust
from dataops.platform.charts import charts_of
from dataops.platform.declarations import read_all
from dataops.platform.documents import read_yaml
from dataops.platform.environment import LOCAL, Environment, load_environment
from dataops.platform.images.builder import build
from dataops.platform.secrets import AUTHORITY

FILE = "docker-compose.yml"
FOLDER = ".compose"
VARIABLES = ".env"
IMAGE = "IMAGE_"
USER = "RUN_AS"
IMAGES_USER = 1001
POLICIES = "charts/local-services/files/policies"


@dataclass(frozen=True)
class Folder:
    """Secrets as containers read them: files `<secret>/<key>`.

    Attributes:
        path: Where they are.
    """

    path: Path

    def secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        """A secret's data, or None when there is no such secret; it is the same in every namespace."""
        folder = self.path / name
        return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.is_dir() else None

    def write_secret(self, namespace: str, name: str, data: dict[str, bytes], labels: dict[str, str]) -> None:
        """Write keys of a secret.

        Args:
            namespace: Of no account here.
            name: The secret's name.
            data: The keys to write.
            labels: Of no account here.
        """
        for key, value in data.items():
            _write(self.path / name / key, value)


def prepare(root: Path, engine: str | None = None) -> Path:
    """Build the images, make the secrets and the certificates, and write .env; what exists stays as it is.

    Args:
        root: The repository root.
        engine: docker, podman or buildah; None chooses.

    Returns:
        The folder of the secrets.

    Raises:
        UserError: An image cannot be built, or docker-compose.yml names a variable that nothing gives.
    """
    facts = read_yaml(root / FILE)["x-facts"]
    wanted = dict.fromkeys(re.findall(r"\$\{(\w+)", (root / FILE).read_text(encoding="utf-8")))
    names = [name.removeprefix(IMAGE).lower() for name in wanted if name.startswith(IMAGE)]
    images = build(root, names, engine)
    environment = _environment(root, facts)
    folder = root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    store = Folder(folder / "secrets")
    declared = read_all(charts_of(root, environment), environment)
    secrets.ensure(store, environment, declared)
    _write_trust(folder / "ca", store)
    for policy in (root / POLICIES).glob("*.json"):
        _write(folder / "policies" / policy.name, _filled(policy.read_text(encoding="utf-8"), environment).encode())
    known = {USER: str(os.getuid() or IMAGES_USER)}
    known |= {f"{IMAGE}{name.upper()}": reference for name, reference in images.items()}
    known |= {_variable(name, key): value for name in declared for key, value in _lines(store, name)}
    if unknown := [name for name in wanted if name not in known]:
        raise UserError(f"{FILE} names {unknown[0]}, which is no image and no key of a secret: correct it there")
    _write_variables(root / VARIABLES, {name: known[name] for name in wanted})
    return store.path


def _environment(root: Path, facts: Mapping[str, str]) -> Environment:
    """The facts of ENV=local, with the database where docker-compose.yml has it."""
    local = load_environment(root, LOCAL)
    database = {**local.values["database"], "host": urlsplit(facts["LAKE_CATALOG_URI"]).hostname}
    return replace(local, values={**local.values, "database": database})


def _filled(template: str, environment: Environment) -> str:
    """A file of a chart with the facts in it."""
    return re.sub(r"\{\{ \.Values\.global\.([\w.]+) \}\}", lambda found: str(environment.get(found[1])), template)


def _write_trust(folder: Path, store: Folder) -> None:
    name, certificate, _ = AUTHORITY
    own = (store.path / name / certificate).read_text(encoding="utf-8")
    bundle = f"{ca.system_roots().rstrip()}\n{own}"
    path = folder / trust.BUNDLE
    if not path.is_file() or path.read_text(encoding="utf-8") != bundle:  # each truststore made has other bytes
        _write(folder / trust.TRUSTSTORE, ca.truststore(bundle))
        _write(path, bundle.encode())


def _variable(name: str, key: str) -> str:
    """What docker-compose.yml calls a key of a secret: `hub-login/password` is HUB_LOGIN_PASSWORD."""
    return re.sub(r"\W", "_", f"{name}_{key}").upper()


def _lines(store: Folder, name: str) -> list[tuple[str, str]]:
    """The keys of a secret that are one line of text; others reach containers as files."""
    data = store.secret("", name) or {}
    return [(key, value.decode()) for key, value in data.items() if b"\n" not in value]


def _write_variables(path: Path, values: Mapping[str, str]) -> None:
    """Write .env; lines of a person's own stay."""
    before = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    lines = [line for line in before if line.partition("=")[0] not in values]
    lines += [f"{name}={value}" for name, value in values.items()]
    path.touch(0o600)
    path.chmod(0o600)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write(path: Path, content: bytes) -> None:
    """Write a file that containers read: as its owner, or as its group where podman maps users to others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o750)
    path.touch(0o640)
    path.chmod(0o640)
    path.write_bytes(content)
