"""The pages: each host resolves, nobody else has it, and it answers over TLS with a certificate that is trusted."""

from collections.abc import Iterator
from typing import Any

import httpx

from dataops.platform.doctor import probe
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok
from dataops.platform.report import PAGES

ORDER = 90
HTTPS = 443
# what routers and ingress controllers say for a host that nobody claims
FREE = (404, 503)


def check(context: Context) -> Iterator[Finding]:
    """Look at each Route and Ingress that is rendered, or at the node ports."""
    exposed = [(namespace, one) for namespace, one in context.objects if one["kind"] in ("Route", "Ingress")]
    for namespace, one in exposed:
        yield from _page(context, namespace, one)
    if not exposed:
        yield from _ports(context)


def _page(context: Context, namespace: str, wanted: dict[str, Any]) -> Iterator[Finding]:
    version, kind, name = wanted["apiVersion"], wanted["kind"], wanted["metadata"]["name"]
    host = str(wanted["spec"]["host"] if kind == "Route" else wanted["spec"]["rules"][0]["host"])
    served = context.resource(version, kind)
    if served is None:
        return  # said by the check of rights
    there = context.custom(version, namespace, served[1], name)
    refusals = _refusals(there or {})
    if refusals:
        yield error(f"the router refuses {kind} {name}: {refusals}", f"free {host} there, or correct global.domain")
        return
    try:
        probe.secure(host, HTTPS, context.trusted())
    except probe.Unwell as problem:
        what, fix = problem.args
        yield error(f"page {name}: {what}", f"{fix}; *.{context.environment.get('domain')} belongs to the router")
        return
    status = httpx.get(f"https://{host}:{HTTPS}/", verify=context.trusted(), timeout=20).status_code
    if there is None and status not in FREE:
        yield error(
            f"{host} answers already ({status}), though {kind} {name} is not there", "free it, or correct global.domain"
        )
    elif there is None:
        yield ok(f"{host} leads to the router and is free")
    elif status >= 500:
        yield error(f"https://{host} answers {status}", f"see `kubectl -n {namespace} get pods`")
    else:
        yield ok(f"https://{host} answers, its certificate is trusted")


def _refusals(there: dict[str, Any]) -> str:
    """What routers say against a Route."""
    said = [
        f"{condition.get('reason', '')} {condition.get('message', '')}".strip()
        for router in (there.get("status") or {}).get("ingress") or []
        for condition in router.get("conditions") or []
        if condition.get("type") == "Admitted" and condition.get("status") == "False"
    ]
    return "; ".join(said)


def _ports(context: Context) -> Iterator[Finding]:
    if context.environment.get("exposure") != "nodePort":
        yield ok("no page is exposed")
        return
    if not context.releases:
        yield ok(f"pages answer after the first `{context.command}`")
        return
    for page in PAGES:
        url = page.url(context.environment)
        try:
            answer = httpx.get(url, timeout=20)
        except httpx.HTTPError as failure:
            yield error(f"{url} does not answer ({failure})", f"`{context.command}` says what is not ready")
            continue
        if answer.is_server_error:
            yield error(f"{url} answers {answer.status_code}", "`make status` says what does not run")
        else:
            yield ok(f"{url} answers")
