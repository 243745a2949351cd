"""PostgreSQL and S3 as ENV=local has them: our images, TLS with a private CA, roles and accounts of the chart."""

import json
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import types
from minio import Minio, MinioAdmin
from minio.credentials.providers import StaticProvider
from testcontainers.core.container import DockerContainer
from urllib3 import PoolManager

from dataops.platform import ca

ROOT = Path(__file__).parents[2]
CHART_FILES = ROOT / "charts/local-services/files"
UID = "1000660000:0"  # as OpenShift gives them
WRITABLE = ("/tmp", "/home/dataops", "/data", "/var/lib/postgresql/data")
LIMIT = 4096
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Services:
    """Where the two are, and who may sign in."""

    folder: Path
    postgres_port: int
    s3_port: int
    root_key: str

    def pgpass(self, role: str) -> Path:
        """Return the password file of a role."""
        return self.folder / f"pgpass-{role}"

    def environment(self, account: str) -> dict[str, str]:
        """Return what the ConfigMap dataops-env and the Secret of an account say (job or notebook)."""
        bundle = str(self.folder / "ca/ca-bundle.crt")
        return {
            "S3_ENDPOINT_URL": f"https://127.0.0.1:{self.s3_port}",
            "S3_ACCESS_KEY_ID": account,
            "S3_SECRET_ACCESS_KEY": self.root_key,
            "DATAOPS_CA_BUNDLE": bundle,
            "LAKE_CATALOG_URI": f"postgresql://127.0.0.1:{self.postgres_port}/lake",
            "LAKE_CATALOG_USER": f"lake_{account}",
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": bundle,
            "PGPASSFILE": str(self.pgpass(f"lake_{account}")),
        }


def container(
    image: str,
    command: list[str],
    mounts: dict[Path, str],
    environment: dict[str, str],
    writable: dict[Path, str] | None = None,
) -> DockerContainer:
    """Return a container as the platform runs them: unknown uid, read-only root; on the machine's own network."""
    made = DockerContainer(image).with_envs(**environment).with_command(command)
    for mode, volumes in (("ro", mounts), ("rw", writable or {})):
        for source, target in volumes.items():
            made = made.with_volume_mapping(str(source), target, mode)
    for folder in WRITABLE:
        made = made.with_tmpfs_mount(folder, "mode=1777")
    # the machine's network: nothing is bridged, forwarded or opened to others
    return made.with_kwargs(network_mode="host", user=UID, read_only=True, ulimits=_limits())


def _limits() -> list[Any]:
    # left alone, podman asks for more than a machine may grant, and then nothing starts
    return [types.Ulimit(name=name, soft=LIMIT, hard=LIMIT) for name in ("nofile", "nproc")]


@contextmanager
def services(images: dict[str, str]) -> Iterator[Services]:
    """Start both, make roles, buckets and accounts, and stop them at the end."""
    with tempfile.TemporaryDirectory(prefix="dataops-integration-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # containers read it under a uid of their own
        made = Services(folder, free_port(), free_port(), secrets.token_hex(16))
        _write_files(made)
        tls = {folder / "tls": "/etc/dataops/tls"}
        postgres = container(
            images["postgres"],
            ["postgres-start", "-c", "listen_addresses=127.0.0.1"],
            {**tls, folder / "postgres": "/etc/dataops/postgres", CHART_FILES: "/setup"},
            {"PGPORT": str(made.postgres_port)},
        )
        address = f"127.0.0.1:{made.s3_port}"
        store = container(
            images["minio"],
            ["minio", "server", "/data", "--address", address, "--certs-dir", "/etc/dataops/tls"],
            tls,
            {"MINIO_ROOT_USER": "root", "MINIO_ROOT_PASSWORD": made.root_key, "MINIO_BROWSER": "off"},
        )
        with postgres, store:
            _make_roles(made, postgres)
            _make_accounts(made, address)
            yield made


def _write_files(made: Services) -> None:
    authority, key = ca.new_ca()
    certificate, server_key = ca.new_server(authority, key, ["127.0.0.1", "localhost"])
    files = {
        "tls/tls.crt": certificate,
        "tls/tls.key": server_key,
        "tls/public.crt": certificate,  # the names that MinIO reads
        "tls/private.key": server_key,
        "ca/ca-bundle.crt": authority,
        "other-ca/ca-bundle.crt": ca.new_ca()[0],
        "postgres/password": made.root_key,
    }
    for role in ("postgres", "lake_owner", "lake_job", "lake_notebook", "lake_reader"):
        files[f"pgpass-{role}"] = f"127.0.0.1:{made.postgres_port}:*:{role}:{made.root_key}\n"
    for name, text in files.items():
        path = made.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600 if name.startswith("pgpass") else 0o644)
    (made.folder / "ca/truststore.p12").write_bytes(ca.truststore(authority))


def _make_roles(made: Services, postgres: DockerContainer) -> None:
    roles = ("HUB", "MLFLOW", "AIRFLOW", "LAKE_OWNER", "LAKE_JOB", "LAKE_NOTEBOOK", "LAKE_READER")
    passwords = [f"PASSWORD_{role}={made.root_key}" for role in roles]
    sign_in = [f"PGPASSWORD={made.root_key}", "PGSSLMODE=require", "PGHOST=127.0.0.1", "PGUSER=postgres"]

    def attempt() -> None:
        done = postgres.exec(
            ["env", *passwords, *sign_in, "psql", "--quiet", "--file=/setup/databases.sql", "postgres"]
        )
        if done.exit_code:
            raise ConnectionError(done.output.decode())

    _until_it_works(attempt)


def _make_accounts(made: Services, address: str) -> None:
    bundle = str(made.folder / "ca/ca-bundle.crt")
    pool = PoolManager(ca_certs=bundle, retries=False, timeout=5)
    client = Minio(endpoint=address, access_key="root", secret_key=made.root_key, region="us-east-1", http_client=pool)
    admin = MinioAdmin(
        endpoint=address, credentials=StaticProvider("root", made.root_key), region="us-east-1", http_client=pool
    )
    _until_it_works(lambda: client.make_bucket(bucket_name="data-lake"))
    for account in ("job", "notebook"):
        text = (CHART_FILES / f"policies/{account}.json").read_text(encoding="utf-8")
        policy = json.loads(text.replace("{{ .Values.global.s3.bucket }}", "data-lake"))
        admin.policy_add(policy_name=account, policy=policy)
        admin.user_add(access_key=account, secret_key=made.root_key)
        admin.policy_set(account, user=account)


def _until_it_works(attempt: Callable[[], None]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return attempt()
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
