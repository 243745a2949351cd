"""What the node changes in the machine's network and kernel settings, and how it is put back."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from cluster.settings import ADDRESS, PODS, SERVICES
from dataops.platform.process import run

# kubelet, kube-proxy and felix set these for themselves
SYSCTLS = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/conf/all/route_localnet",
    "net/ipv4/ip_forward",
    "net/netfilter/nf_conntrack_max",
    "net/netfilter/nf_conntrack_tcp_timeout_close_wait",
    "net/netfilter/nf_conntrack_tcp_timeout_established",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
OURS = re.compile(r"\b(KUBE-|cali[-:]|CNI-)")
VARIANTS = ("iptables", "ip6tables")


def record() -> dict[str, dict[str, str] | list[str]]:
    """What `restore` needs: kernel settings and firewall tables as they were before the node."""
    values = {name: (Path("/proc/sys") / name) for name in SYSCTLS}
    return {
        "sysctls": {name: path.read_text().strip() for name, path in values.items() if path.exists()},
        "tables": sorted(_tables()),
    }


def prepare() -> None:
    """Give the machine the node's address, let it forward packets, and keep those for pods that are gone on it."""
    if ADDRESS not in run(["ip", "-4", "-o", "address", "show", "dev", "lo"]).stdout:
        run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"])
    run(["ip", "route", "replace", "unreachable", PODS])
    (Path("/proc/sys") / "net/ipv4/ip_forward").write_text("1")


def restore(before: dict[str, dict[str, str] | list[str]]) -> None:
    """Undo `prepare` and whatever kube-proxy, kubelet, felix and the CNI plugins left behind.

    Args:
        before: What `record` returned; their processes must have ended.
    """
    for variant in VARIANTS:
        saved = run([f"{variant}-save"]).stdout
        if OURS.search(saved):
            run([f"{variant}-restore"], stdin=without_ours(saved))
    for name in run(["ipset", "list", "-n"]).stdout.split():
        if name.startswith("cali"):
            run(["ipset", "destroy", name])
    for table in _tables() - set(before["tables"]):
        _drop_table_if_empty(table)
    for link in re.findall(r"^\d+: (cali[^:@]+)", run(["ip", "-o", "link"]).stdout, re.MULTILINE):
        run(["ip", "link", "delete", link])
    # both are gone after a reboot
    run(["ip", "address", "delete", f"{ADDRESS}/32", "dev", "lo"], check=False)
    run(["ip", "route", "delete", "unreachable", PODS], check=False)
    for words in (("--src", PODS), ("--dst", PODS), ("--dst", SERVICES)):
        run(["conntrack", "--delete", *words], check=False)  # fails when there is none
    sysctls = before["sysctls"]
    assert isinstance(sysctls, dict)
    for name, value in sysctls.items():
        path = Path("/proc/sys") / name
        if path.read_text().strip() != value:
            path.write_text(value)


def without_ours(saved: str) -> str:
    """An iptables-save text without the node's chains and the rules that mention them."""
    return "".join(line for line in saved.splitlines(keepends=True) if not OURS.search(line))


def _tables() -> set[str]:
    """Tables of the nft firewall, as `<family> <name>`; none on machines that still have the old one."""
    try:
        listed = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return set()
    return {line.removeprefix("table ").strip() for line in listed.splitlines()}


def _drop_table_if_empty(table: str) -> None:
    family, name = table.split()
    rules: Iterable[str] = run(["nft", "list", "table", family, name]).stdout.splitlines()
    idle = r"(table .*\{|chain .*\{|type .*; policy accept;|\}|)"
    if all(re.fullmatch(idle, rule.strip()) for rule in rules):
        run(["nft", "delete", "table", family, name])
