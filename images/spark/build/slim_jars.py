"""Copy Spark's jars as one layer wants them: what this platform can use, for this processor, and left uncompressed.

A layer is compressed as a whole and far better than each jar by itself, so the jars are stored: fewer bytes on the wire,
nothing to inflate when a class is loaded. Each left-out family is named with its reason; whoever needs one removes its line.
"""

import os
import re
import sys
import zipfile
from pathlib import Path

# why it is left out -> the file names, without version
LEFT_OUT = {
    "Hive's metastore and its Thrift server: the tables' catalog is Iceberg's": (
        r"hive-(?!storage-api).*|spark-hive.*|datanucleus-.*|derby|jdo-api|javax\.jdo|bonecp|HikariCP|libfb303|libthrift"
        r"|jpam|jta|transaction-api|antlr-runtime|ST4|stax-api|super-csv|opencsv|json|javolution|jodd-core"
        r"|commons-dbcp|commons-pool"
    ),
    "Mesos and YARN: the masters here are Kubernetes, standalone and local": (
        r"mesos|spark-mesos.*|spark-yarn.*|hadoop-yarn-server-web-proxy"
    ),
    "the Scala shell: people write Python": r"spark-repl.*|scala-compiler|jline",
    "algebra that Breeze has for polynomials and files only, which Spark's models never touch": (
        r"spire.*|cats-kernel.*|algebra.*"
    ),
    "ZooKeeper, by which several standalone masters would agree: there is one": r"zookeeper.*|curator-.*",
    "Kubernetes objects that Spark's client never names": (
        r"kubernetes-model-(admissionregistration|apiextensions|discovery|events|flowcontrol|gatewayapi|metrics|scheduling)"
    ),
    "other operating systems and processors": r"netty-transport-native-(epoll|kqueue)-.*(?<!linux-x86_64)",
}
# why parts of a jar are left out -> the paths below it; what Java links only when it is called goes without a trace
PARTS_LEFT_OUT = {
    "collections of other primitives: Arrow, which brings them, uses maps from int": re.compile(
        r"iceberg-spark-runtime-.*!org/eclipse/collections/impl/([a-z]+/)*"
        r"(primitive/(?!(Abstract(Mutable|Sentinel)?)?Int|[A-Z]\w*IntObject)\w|(bag|stack|multimap|bimap|lazy|collector|utility)/).*"
    ),
    "Nessie's catalog: the tables' catalog is PostgreSQL": re.compile(
        r"iceberg-spark-runtime-.*!(org/projectnessie/|org/apache/iceberg/nessie/"
        r"|META-INF/(services/org\.projectnessie|openapi/)).*"
    ),
    "ORC as files of a table: they are Parquet, and Spark reads other ORC with its own": re.compile(
        r"iceberg-spark-runtime-.*!org/apache/iceberg/shaded/org/apache/orc/.*"
    ),
    "the HTTP client of Iceberg's REST catalog: the tables' catalog is PostgreSQL": re.compile(
        r"iceberg-spark-runtime-.*!org/apache/iceberg/shaded/org/apache/hc/.*"
    ),
    "servers of Hadoop, their pages and ZooKeeper between them: here is none": re.compile(
        r"hadoop-client-runtime-.*!org/apache/hadoop/shaded/(org/apache/curator|org/eclipse/jetty|com/sun/jersey|org/jline)/.*"
    ),
    "what servers of HDFS and YARN say to one another: files lie in S3": re.compile(
        r"hadoop-client-api-.*!org/apache/hadoop/(hdfs|yarn|mapreduce/v2)/(\w+/)*proto/.*"
    ),
}
NATIVE = re.compile(r"\.(so|dll|dylib|jnilib|a)$")
OURS = re.compile(r"linux[^!]*(amd64|x86_64|64\.so|linux64/)|linux64", re.IGNORECASE)
FOREIGN = re.compile(r"musl|android|aarch|arm|ppc|s390|riscv|mips|loongarch|win|sunos|freebsd", re.IGNORECASE)
# a signature does not survive a new archive, and the class data archive skips signed jars
SIGNATURE = re.compile(r"META-INF/[^/]+\.(SF|RSA|DSA|EC)$")
EPOCH = (1980, 1, 1, 0, 0, 0)


def left_out(jar: str) -> str | None:
    """Why a jar is left out.

    Args:
        jar: Its file name, e.g. hive-exec-2.3.9-core.jar.

    Returns:
        The reason; None when it stays.
    """
    name = re.sub(r"-\d[^/]*?(?=(-linux|-osx|$))", "", jar.removesuffix(".jar"))
    return next((reason for reason, pattern in LEFT_OUT.items() if re.fullmatch(pattern, name)), None)


def keeps(jar: str, entry: str) -> bool:
    """Whether an entry of a jar stays: classes and resources do, unless left out; foreign libraries and signatures do not."""
    place = f"{jar}!{entry}"
    if SIGNATURE.match(entry) or any(pattern.fullmatch(place) for pattern in PARTS_LEFT_OUT.values()):
        return False
    return not NATIVE.search(entry) or bool(OURS.search(place) and not FOREIGN.search(entry))


def store(source: Path, target: Path) -> None:
    """Write a jar anew: its entries in their order, uncompressed, all of one date."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for entry in dict.fromkeys(old.namelist()):
            if keeps(source.name, entry):
                info = zipfile.ZipInfo(entry, EPOCH)
                info.external_attr = (0o40755 << 16 | 0x10) if entry.endswith("/") else 0o100644 << 16
                new.writestr(info, old.read(entry))


def main(target: str, *sources: str) -> int:
    """Write the jars of some folders into one.

    Args:
        target: The folder to write.
        sources: The folders to read.

    Returns:
        The exit code: 1 when a family or a part that is to be left out is not there any more, so that the list stays true.
    """
    Path(target).mkdir(parents=True)
    jars = sorted(jar for source in sources for jar in Path(source).glob("*.jar"))
    reasons = {jar: left_out(jar.name) for jar in jars}
    for jar, reason in reasons.items():
        if reason is None:
            store(jar, Path(target) / jar.name)
    idle = [reason for reason in LEFT_OUT if reason not in reasons.values()]
    places = [f"{jar.name}!{entry}" for jar in jars for entry in zipfile.ZipFile(jar).namelist()]
    idle += [reason for reason, pattern in PARTS_LEFT_OUT.items() if not any(map(pattern.fullmatch, places))]
    for reason in idle:
        print(f"error: no jar is left out for the reason {reason!r}: remove it from slim_jars.py", file=sys.stderr)
    return 1 if idle else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(*sys.argv[1:]))
