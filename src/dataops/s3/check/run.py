"""The whole check: enter, try everything, tidy up whatever happens, and say which settings passed."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable
from types import ModuleType
from xml.etree.ElementTree import ParseError

from urllib3.exceptions import HTTPError

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3.check import probes
from dataops.s3.check.access import enter
from dataops.s3.check.clients import run as clients
from dataops.s3.check.findings import Finding, Report, Status
from dataops.s3.check.passed import passed, settings_findings, with_passed
from dataops.s3.check.store import Store

Progress = Callable[[str], None]
LONGEST_SECONDS = 180


def check(
    settings: Settings,
    *,
    with_clients: bool = True,
    progress: Progress = lambda _: None,
    seconds: float = LONGEST_SECONDS,
) -> Report:
    """Try the store in every way the platform uses it.

    Args:
        settings: Where the store is, and with which key.
        with_clients: Whether the platform's clients are tried as well, each in a process of its own.
        progress: Is told what is tried next.
        seconds: After this time nothing new is begun.

    Returns:
        What was found; nothing of the run is left in the store.

    Raises:
        UserError: there is no way in: address, certificate, clock, key, bucket or right is wrong.
    """
    begin = time.monotonic()
    progress("the way in")
    store = Store(enter(settings))
    _refuse_unwritable(store)
    report = Report(store.wire.endpoint, store.wire.bucket, store.prefix)
    try:
        for module in discover():
            if time.monotonic() - begin > seconds:
                report.findings.append(_late(module.TITLE, seconds))
                continue
            progress(module.TITLE)
            report.findings += _findings(module, store)
        report.settings = passed(settings, store.wire, report.findings)
        if with_clients:
            chosen = with_passed(settings, report.settings)
            for client in clients.discover():
                left = seconds - (time.monotonic() - begin)
                progress(client.TITLE)
                found = clients.run(client, chosen, store.prefix, left) if left > 0 else [_late(client.TITLE, seconds)]
                report.findings += found
        report.findings += settings_findings(settings, report.settings)
    finally:
        progress("tidying up")
        left_over = store.tidy()
    if left_over:
        report.findings.append(
            Finding(
                "check.tidy",
                Status.DEGRADED,
                f"{len(left_over)} objects or uploads below {store.prefix} could not be removed",
                "they stay in the store",
                f"remove s3://{store.wire.bucket}/{store.prefix} by hand",
            )
        )
    report.seconds = round(time.monotonic() - begin, 1)
    return report


def discover() -> list[ModuleType]:
    """The probes in their order: each module of the package `probes`."""
    found = [importlib.import_module(f"{probes.__name__}.{one.name}") for one in pkgutil.iter_modules(probes.__path__)]
    return sorted(found, key=lambda module: int(module.ORDER))


def _findings(module: ModuleType, store: Store) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(module.probe(store))
    except (HTTPError, ParseError, OSError) as error:
        words = f"{type(error).__name__}: {error}"[:300]
        found.append(Finding(f"{module.TITLE}.broken", Status.FAILED, words, "the rest of this group is not known"))
    return found


def _late(title: str, seconds: float) -> Finding:
    return Finding(
        f"{title}.late",
        Status.NOT_CHECKED,
        f"{seconds:.0f} s were over before it began",
        "nothing is known about it; a store this slow slows every job",
    )


def _refuse_unwritable(store: Store) -> None:
    answer = store.put(store.key("way-in"), b"")
    if not answer.ok:
        raise UserError(
            f"this key may not write s3://{store.wire.bucket}/{store.prefix} ({answer.said}); give it the right"
            " s3:PutObject there, or use the key of an account that has it"
        )
