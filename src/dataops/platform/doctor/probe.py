"""Looks at S3 and PostgreSQL: imported by the doctor, and as text in a pod, `python -c <this file> jobs|servers`."""

import email.utils
import http.client
import json
import re
import socket
import ssl
import struct
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# severity, what, fix, name: the fields of a Finding
Found = tuple[str, str, str, str]

SECONDS = 10
CERTIFICATE_DAYS = 30
SKEW_WARNING, SKEW_ERROR = 60, 900
POSTGRES_REFUSED, POSTGRES_WANTED = 14, 15
ADDRESS = re.compile(r"postgresql://[^:@/]+:[^:@/]+@[^@/]+/[^@/]+")
MOUNTS = Path("/etc/doctor")
# Where each account of the servers reads and writes in S3: the bucket's setting, and a prefix.
ACCOUNTS = {
    "s3-airflow": ("s3_platform_bucket", "airflow-logs/"),
    "s3-triggerer": ("s3_platform_bucket", "airflow-logs/"),
    "s3-mlflow": ("s3_bucket", "mlflow/"),
    "s3-spark-history": ("s3_bucket", "spark-events/"),
}


class Unwell(Exception):
    """What is wrong, and the fix; a third word for one that is no error."""

    def found(self, name: str) -> Found:
        """The same as what is told."""
        what, fix, *severity = self.args
        return (severity or ["error"])[0], what, fix, name


def reach(host: str, port: int) -> socket.socket:
    """Open a connection."""
    try:
        socket.getaddrinfo(host, port)
    except OSError as failure:
        reason = failure.strerror or str(failure)
        raise Unwell(f"the name {host} does not resolve ({reason})", "correct it, or the DNS") from None
    try:
        return socket.create_connection((host, port), SECONDS)
    except OSError as failure:
        reason = failure.strerror or str(failure)
        fix = "correct the address, or open the way: firewall, global.egress"
        raise Unwell(f"{host}:{port} cannot be reached ({reason})", fix) from None


def secure(host: str, port: int, trusted: ssl.SSLContext, postgres: bool = False) -> dict[str, Any]:
    """Shake hands over TLS.

    Args:
        host: The server.
        port: Its port.
        trusted: Whom to trust.
        postgres: Whether the server speaks PostgreSQL, which starts TLS by a question.

    Returns:
        The server's certificate.
    """
    with reach(host, port) as plain:
        try:
            if postgres:
                plain.sendall(struct.pack("!ii", 8, 80877103))
                if plain.recv(1) != b"S":
                    raise Unwell(f"PostgreSQL at {host}:{port} speaks no TLS", "turn on `ssl` there")
            with trusted.wrap_socket(plain, server_hostname=host) as wrapped:
                return dict(wrapped.getpeercert() or {})
        except ssl.SSLCertVerificationError as failure:
            raise Unwell(*_untrusted(f"{host}:{port}", failure)) from None
        except OSError as failure:
            reason = failure.strerror or str(failure)
            raise Unwell(f"{host}:{port} speaks no TLS ({reason})", "correct the address, or https and http") from None


def _untrusted(server: str, failure: ssl.SSLCertVerificationError) -> tuple[str, str]:
    """The codes are those of OpenSSL's verification."""
    match failure.verify_code:
        case 10:
            return f"the certificate of {server}, or a CA above it, has expired", "have it renewed there"
        case 9:
            return f"the certificate of {server} is not valid yet", "compare the clocks, here and there"
        case 62 | 64:
            return f"the certificate of {server} is for other names", "use a name that it holds, or have it made anew"
    return (
        f"the certificate of {server} is signed by a CA that is not trusted here ({failure.verify_message})",
        "put that CA into what global.ca names, then deploy",
    )


def certificate(name: str, host: str, port: int, trusted: ssl.SSLContext, postgres: bool = False) -> Found:
    """What there is to say about a server's certificate; arguments as for `secure`."""
    try:
        found = secure(host, port, trusted, postgres)
    except Unwell as problem:
        return problem.found(name)
    ends = ssl.cert_time_to_seconds(found["notAfter"]) if "notAfter" in found else float("inf")
    if ends - time.time() < CERTIFICATE_DAYS * 86400:
        return "warning", f"the certificate of {host}:{port} ends on {found['notAfter']}", "have it renewed", name
    return "ok", f"{host}:{port} is reached over TLS, its certificate is good", "", name


def clock(endpoint: str, trusted: ssl.SSLContext) -> Found:
    """Compare this machine's clock with the store's, which refuses requests that are a quarter of an hour off."""
    parts = urlsplit(endpoint)
    asked = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=SECONDS, context=trusted)
    try:
        asked.request("HEAD", "/")
        said = asked.getresponse().getheader("Date")
    except (OSError, http.client.HTTPException) as failure:
        return "warning", f"{endpoint} does not say what time it is ({failure})", "see what is said about s3", "clock"
    finally:
        asked.close()
    if said is None:
        return "warning", f"{endpoint} does not say what time it is", "compare the clocks yourself", "clock"
    skew = abs(time.time() - email.utils.parsedate_to_datetime(said).timestamp())
    if skew > SKEW_WARNING:
        what, severity = f"the clocks here and of {endpoint} are {skew:.0f} s apart", ("warning", "error")
        return severity[skew > SKEW_ERROR], what, "set them by NTP, here and there", "clock"
    return "ok", f"the clocks here and of {endpoint} agree", "", "clock"


def outside(s3: str, database: tuple[str, int], sslmode: str, trusted: ssl.SSLContext) -> Iterator[Found]:
    """What can be told without any key: names, ways, certificates and the clock."""
    parts = urlsplit(s3)
    if parts.scheme == "https":
        told = certificate("s3", parts.hostname or "", parts.port or 443, trusted)
        yield told
        if told[0] != "error":
            yield clock(s3, trusted)
    if sslmode.startswith("verify"):
        trusted.check_hostname = sslmode == "verify-full"
        yield certificate("database", *database, trusted, postgres=True)


def attempt(name: str, what: str, action: Callable[[], None], fix: Callable[[], str]) -> Found:
    """Do something and turn a refusal, whatever it is, into what is said about it."""
    try:
        action()
    except Unwell as problem:
        return problem.found(name)
    except Exception as problem:  # noqa: BLE001 - a store may fail in ways of its own, which must be told
        return "error", " ".join(str(problem).split())[:500], fix(), name
    return "ok", what, "", name


def jobs(settings: Any, broken: set[str]) -> Iterator[Found]:
    """What a job's pod must be able to do, but for what is known to be broken."""
    from dataops.s3 import S3Client
    from dataops.tables.access import check_may_write
    from dataops.tables.database import catalog_cursor

    def works() -> None:
        key = f"sandbox/_doctor/{uuid.uuid4().hex}"
        round_trip(S3Client(settings), settings.s3_bucket, key)

    def version() -> None:
        with catalog_cursor(settings) as cursor:
            old_enough(cursor.connection.server_version, str(settings.lake_catalog_uri))

    if "s3" not in broken:
        done = f"a job writes, reads, lists and deletes in {settings.s3_bucket}"
        yield attempt("s3", done, works, lambda: profile(settings))
    if "database" not in broken:
        done, fix = "a job signs in to the catalog", "correct Secret catalog-job, or the role in the database"
        told = attempt("database", done, version, lambda: fix)
        yield told
        if told[0] != "error":
            yield attempt(
                "database",
                "a job may write the catalog's tables",
                lambda: check_may_write("silver.doctor", settings),
                lambda: "have the catalog migrated by its owner: deploy the chart platform",
            )


def old_enough(version: int, where: str) -> None:
    """Return if this PostgreSQL is young enough; the number is as libpq gives it, such as 150004."""
    major, fix = version // 10000, f"have it upgraded, {POSTGRES_WANTED} is what everything is tested with"
    if major < POSTGRES_REFUSED:
        raise Unwell(f"{where} is PostgreSQL {major}, the platform needs {POSTGRES_REFUSED} or later", fix)
    if major < POSTGRES_WANTED:
        raise Unwell(f"{where} is PostgreSQL {major}, which works but is not what is tested", fix, "warning")


def round_trip(client: Any, bucket: str, key: str) -> None:
    """Write an object, read it whole and in part, list it, delete it."""
    path, content = f"s3a://{bucket}/{key}", b"doctor" * 100
    client.write_bytes(path, content)
    try:
        part = client.boto.get_object(Bucket=bucket, Key=key, Range="bytes=6-11")["Body"].read()
        listed = [one.key for one in client.list_objects(path)]
        if client.read_bytes(path) != content or part != b"doctor" or listed != [key]:
            raise Unwell(f"the store does not give back what was written to {path}", "ask the people who run it")
    finally:
        client.delete(path)


def profile(settings: Any) -> str:
    """The fix for a store that refuses: another addressing style or signature, when that works."""
    from dataops.errors import UserError
    from dataops.s3 import S3Client

    for style in ("path", "virtual"):
        for signature in ("s3v4", "s3"):
            other = settings.model_copy(update={"s3_addressing_style": style, "aws_s3_signature_version": signature})
            if other == settings:
                continue
            try:
                S3Client(other).check_connectivity()
            except UserError:
                continue
            return f"write addressingStyle: {style} and signatureVersion: {signature} under global.s3, they work"
    return "correct the Secret of the account, the bucket or global.s3"


def servers(settings: Any, mounts: Path) -> Iterator[Found]:
    """What the servers must be able to do, each with its own Secret; values are used here and never shown."""
    from pydantic import SecretStr

    from dataops.s3 import S3Client

    for account, (setting, prefix) in ACCOUNTS.items():
        files = [mounts / account / key for key in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")]
        if not all(file.is_file() for file in files):
            continue
        key, secret = (SecretStr(file.read_text(encoding="utf-8")) for file in files)
        client = S3Client(settings.model_copy(update={"s3_access_key_id": key, "s3_secret_access_key": secret}))
        bucket = getattr(settings, setting)

        def use() -> None:
            round_trip(client, bucket, f"{prefix}_doctor/{uuid.uuid4().hex}")

        done = f"{account} writes, reads and deletes {prefix} of {bucket}"
        yield attempt("s3", done, use, lambda: f"correct Secret {account}, or what its key may do")
    # beside the keys there are folders with dates in their names, of which the keys are links
    for file in sorted(path for path in mounts.glob("*/*") if path.is_file()):
        for address in re.findall(r"postgresql\+psycopg2(://\S+)", file.read_text(encoding="utf-8", errors="replace")):
            yield _database(file, f"postgresql{address}")


def _database(file: Path, address: str) -> Found:
    import psycopg2

    secret = f"Secret {file.parent.name}, {file.name}"
    if not ADDRESS.fullmatch(address):  # the database's words about it would show a part of the password
        fix = "write it as in the chart's secrets.yaml, in a password %40 for @, %3A for : and %2F for /"
        return "error", f"{secret} holds no readable address of a database", fix, "database"
    try:
        connection = psycopg2.connect(address, connect_timeout=SECONDS)
    except psycopg2.OperationalError as failure:
        what = f"{secret} does not open its database ({' '.join(str(failure).split())})"
        return "error", what, "correct it, or the role and the database", "database"
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select current_database(), current_user, has_schema_privilege(current_schema(), 'create')"
                " and has_database_privilege(current_database(), 'connect')"
            )
            name, user, may = cursor.fetchone() or ("", "", False)
    finally:
        connection.close()
    if not may:
        fix = f"its administrator runs `alter database {name} owner to {user}`"
        return "error", f"{user} may not make tables in database {name}", fix, "database"
    return "ok", f"{user} opens database {name} and may make tables", "", "database"


def main(role: str) -> list[Found]:
    """What a pod of the jobs or of the servers finds."""
    from dataops.config import Settings

    settings = Settings.load()
    if role == "servers":
        return list(servers(settings, MOUNTS))
    parts = urlsplit(str(settings.lake_catalog_uri))
    trusted = ssl.create_default_context(cafile=settings.ca_bundle())
    database = parts.hostname or "", parts.port or 5432
    found = list(outside(str(settings.s3_endpoint_url), database, settings.pgsslmode, trusted))
    # a server that cannot be trusted or reached is said once
    return found + list(jobs(settings, {name for severity, _, _, name in found if severity == "error"}))


if __name__ == "__main__":
    print("RESULT " + json.dumps({"findings": main(sys.argv[1])}))
