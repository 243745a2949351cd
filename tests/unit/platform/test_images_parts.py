"""Promises of what the builds cut away: foreign parts go, what runs here stays, the same input is the same bytes."""

import hashlib
import os
import runpy
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import zstandard

from tests.unit.platform.scripts import script

archive_classes = script("images/spark/build/archive_classes.py")
slim_jars = script("images/spark/build/slim_jars.py")
trim_packages = script("images/base/build/trim_packages.py")
finish_packages = script("images/base/build/finish_packages.py")
english_icu = script("images/jupyterhub/build/english_icu.py")
ICEBERG = "iceberg-spark-runtime-3.5_2.12-1.10.1.jar"
HADOOP, SHADED = "hadoop-client-api-3.3.4.jar", "hadoop-client-runtime-3.3.4.jar"


@pytest.mark.parametrize(
    "jar",
    [
        "hive-exec-2.3.9-core.jar",
        "spire_2.12-0.17.0.jar",
        "spark-hive_2.12-3.5.9.jar",
        "spark-hive-thriftserver_2.12-3.5.9.jar",
        "mesos-1.4.3-shaded-protobuf.jar",
        "zookeeper-jute-3.6.3.jar",
        "curator-recipes-2.13.0.jar",
        "kubernetes-model-gatewayapi-6.7.2.jar",
        "spark-yarn_2.12-3.5.9.jar",
        "scala-compiler-2.12.18.jar",
        "netty-transport-native-epoll-4.1.96.Final-linux-aarch_64.jar",
        "netty-transport-native-kqueue-4.1.96.Final-osx-x86_64.jar",
    ],
)
def test_families_that_nothing_here_uses_are_left_out(jar: str) -> None:
    assert slim_jars.left_out(jar)


@pytest.mark.parametrize(
    "jar",
    [
        "hive-storage-api-2.8.1.jar",  # ORC reads it
        "kubernetes-model-core-6.7.2.jar",
        "spark-core_2.12-3.5.9.jar",
        "scala-library-2.12.18.jar",
        "json4s-ast_2.12-3.7.0-M11.jar",
        "commons-pool2-2.11.jar",
        "netty-transport-native-epoll-4.1.96.Final-linux-x86_64.jar",
        "netty-transport-native-unix-common-4.1.96.Final.jar",
        "iceberg-spark-runtime-3.5_2.12-1.10.1.jar",
    ],
)
def test_all_else_stays(jar: str) -> None:
    assert slim_jars.left_out(jar) is None


@pytest.mark.parametrize(
    ("jar", "entry", "stays"),
    [
        ("rocksdbjni-8.3.2.jar", "librocksdbjni-linux64.so", True),
        ("rocksdbjni-8.3.2.jar", "librocksdbjni-linux64-musl.so", False),
        ("rocksdbjni-8.3.2.jar", "librocksdbjni-win64.dll", False),
        ("zstd-jni-1.5.5-4.jar", "linux/amd64/libzstd-jni-1.5.5-4.so", True),
        ("zstd-jni-1.5.5-4.jar", "linux/aarch64/libzstd-jni-1.5.5-4.so", False),
        ("lz4-java-1.8.0.jar", "net/jpountz/util/win32/amd64/liblz4-java.so", False),
        ("snappy-java-1.1.10.5.jar", "org/xerial/snappy/native/SunOS/x86_64/libsnappyjava.so", False),
        ("snappy-java-1.1.10.5.jar", "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so", True),
        (
            "netty-transport-native-epoll-4.1.96.Final-linux-x86_64.jar",
            "META-INF/native/libnetty_transport_native_epoll_x86_64.so",
            True,
        ),
        ("janino-3.1.9.jar", "META-INF/ECLIPSE_.RSA", False),
        ("spark-core_2.12-3.5.9.jar", "org/apache/spark/SparkContext.class", True),
        (ICEBERG, "org/eclipse/collections/impl/map/mutable/primitive/IntObjectHashMap$1.class", True),
        (ICEBERG, "org/eclipse/collections/impl/map/mutable/primitive/AbstractMutableIntValuesMap.class", True),
        (ICEBERG, "org/eclipse/collections/impl/map/mutable/primitive/ShortFloatHashMap.class", False),
        (ICEBERG, "org/eclipse/collections/api/map/primitive/ShortFloatMap.class", True),
        (ICEBERG, "org/apache/iceberg/nessie/NessieCatalog.class", False),
        (ICEBERG, "org/apache/iceberg/jdbc/JdbcCatalog.class", True),
        (ICEBERG, "org/apache/iceberg/shaded/org/apache/orc/Reader.class", False),
        (ICEBERG, "org/apache/iceberg/shaded/org/apache/hc/core5/http/HttpRequest.class", False),
        (ICEBERG, "org/apache/iceberg/shaded/org/apache/parquet/hadoop/ParquetReader.class", True),
        (SHADED, "org/apache/hadoop/shaded/org/eclipse/jetty/server/Server.class", False),
        (SHADED, "org/apache/hadoop/shaded/org/apache/commons/configuration2/Configuration.class", True),
        (HADOOP, "org/apache/hadoop/hdfs/protocol/proto/HdfsProtos.class", False),
        (HADOOP, "org/apache/hadoop/hdfs/DistributedFileSystem.class", True),
        (HADOOP, "org/apache/hadoop/ipc/protobuf/RpcHeaderProtos.class", True),
    ],
)
def test_of_libraries_only_this_platforms_stay(jar: str, entry: str, stays: bool) -> None:
    assert slim_jars.keeps(jar, entry) is stays


def test_one_jar_names_all_others_in_lines_that_java_reads_and_bears_their_date(tmp_path: Path) -> None:
    jars = [tmp_path / "jars" / f"library-with-a-long-name-{number:03}.jar" for number in range(40)]
    jars[0].parent.mkdir()
    jars[0].touch()
    os.utime(jars[0], (0, 1_000_000_000))
    archive_classes.list_jars(jars, tmp_path / "classes.jar")
    with zipfile.ZipFile(tmp_path / "classes.jar") as jar:
        manifest = jar.read("META-INF/MANIFEST.MF")
    assert max(map(len, manifest.splitlines(keepends=True))) <= 72
    unfolded = manifest.replace(b"\r\n ", b"").decode().splitlines()
    assert unfolded == ["Manifest-Version: 1.0", "Class-Path: " + " ".join(f"jars/{jar.name}" for jar in jars)]
    assert (tmp_path / "classes.jar").stat().st_mtime == 1_000_000_000


def test_jars_are_stored_with_one_date_and_their_entries_in_order(tmp_path: Path) -> None:
    digests = []
    for number in (1, 2):
        source, target = tmp_path / f"{number}" / "a-1.jar", tmp_path / f"out-{number}.jar"
        source.parent.mkdir()
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as jar:
            for name in ("META-INF/MANIFEST.MF", "b.class", "a.class", "x/lib.dll"):
                jar.writestr(zipfile.ZipInfo(name, (2000 + number, 1, 1, 0, 0, 0)), b"x" * 1000)
        slim_jars.store(source, target)
        with zipfile.ZipFile(target) as jar:
            assert jar.namelist() == ["META-INF/MANIFEST.MF", "b.class", "a.class"]
            assert {info.compress_type for info in jar.infolist()} == {zipfile.ZIP_STORED}
            assert jar.read("a.class") == b"x" * 1000
        digests.append(hashlib.sha256(target.read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_of_icu_only_english_stays() -> None:
    contents = {
        "icudt72l/de.res": b"deutsch!",
        "icudt72l/en_GB.res": b"english!",
        "icudt72l/root.res": b"the rest",
        "icudt72l/uts46.nrm": b"of names",
        "icudt72l/zone/zh_Hant.res": b"chinese!",
        "icudt72l/zoneinfo64.res": b"of zones",
    }
    names = b"".join(name.encode() + b"\0" for name in contents)
    head = struct.pack("<HBBHHBBBB4s", 32, 0xDA, 0x27, 20, 0, 0, 0, 2, 0, b"CmnD").ljust(32, b"\0")
    begin, table, at = 4 + 8 * len(contents), struct.pack("<I", len(contents)), 0
    for number, name in enumerate(contents):
        table += struct.pack("<II", begin + at, begin + len(names) + 8 * number)
        at += len(name) + 1
    package = b"\x7fELF" + head + table + names + b"".join(contents.values())
    blanked = english_icu.blank(package)
    assert len(blanked) == len(package)
    found = [blanked[-8 * (len(contents) - number) :][:8] for number in range(len(contents))]
    assert found == [bytes(8), b"english!", b"the rest", b"of names", bytes(8), b"of zones"]


def test_a_family_that_is_gone_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    assert slim_jars.main(str(tmp_path / "out"), str(tmp_path / "in")) == 1
    assert "no jar is left out for the reason" in capsys.readouterr().err


REMOVED = (
    "pandas/tests/test_frame.py",
    "pandas/tests/data/big.csv",
    "numpy/core/include/numpy/ndarray.h",
    "pyarrow/libarrow_flight.so.2100",
    "pyarrow/_flight.cpython-311-x86_64-linux-gnu.so",
    "lab/main.js.map",
    "PIL/_avif.cpython-311-x86_64-linux-gnu.so",
    "pillow.libs/libavif-c6062d5f.so.16.4.2",
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
    "babel/locale-data/ru.dat",
)
KEPT = (
    "pandas/core/frame.py",
    "pyarrow/libarrow_substrait.so.2100",  # pyarrow's own library is linked with it
    "tests_of_mine/a.py",
    "product/tests/fixture.py",  # a folder of that name without a test
    "lab/main.js",
    "PIL/AvifImagePlugin.py",
    "pillow.libs/libjpeg-6dc8d115.so.62.4.0",
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "botocore/data/sts/2011-06-15/service-2.json.gz",
    "botocore/data/endpoints.json",
    "babel/locale-data/en_GB.dat",
    "babel/locale-data/root.dat",
)


def test_packages_lose_what_no_image_needs_and_nothing_else(tmp_path: Path) -> None:
    for name in (*REMOVED, *KEPT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert trim_packages.trim(tmp_path) == len(REMOVED)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(KEPT)


def test_modules_are_compiled_once_and_again_only_when_their_source_changed(tmp_path: Path) -> None:
    module, template = tmp_path / "a.py", tmp_path / "template.py"
    module.write_text("ONE = 1\n")
    template.write_text("{{ no Python }}\n")
    finish_packages.main(tmp_path)
    (cached,) = (tmp_path / "__pycache__").iterdir()
    first = cached.stat()
    assert cached.read_bytes()[4] == 1, "an unchecked-hash pyc"
    finish_packages.main(tmp_path)
    assert cached.stat().st_mtime_ns == first.st_mtime_ns, "a layer above would hold it again"
    module.write_text("ONE = 2\n")
    finish_packages.main(tmp_path)
    assert runpy.run_path(str(cached))["ONE"] == 2


def library(*, behind: bytes = b"", allocated_behind: bool = False) -> bytes:
    """A shared library with one loaded segment, and behind it a symbol table and the table of sections."""
    code, symbols = b"code" * 8, b"symbols!" * 100
    start = finish_packages.HEADER.size + finish_packages.SEGMENT.size
    sections = start + len(code) + len(symbols)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = finish_packages.HEADER.pack(ident, 3, 62, 1, 0, 64, sections, 0, 64, 56, 1, 64, 2, 0)
    segment = finish_packages.SEGMENT.pack(1, 5, 0, 0, 0, start + len(code), start + len(code), 4096)
    loaded = finish_packages.SECTION.pack(0, 1, 2, start, start, len(code), 0, 0, 1, 0)
    flags = 2 if allocated_behind else 0
    table = finish_packages.SECTION.pack(0, 2, flags, 0, start + len(code), len(symbols), 0, 0, 1, 0)
    return bytes(head + segment + code + symbols + loaded + table + behind)


def test_a_library_ends_where_what_is_loaded_ends() -> None:
    cut = finish_packages.without_symbols(library())
    assert cut.endswith(b"code" * 8) and b"symbols!" not in cut
    fields = finish_packages.HEADER.unpack_from(cut)
    assert (fields[6], fields[12], fields[13]) == (0, 0, 0), "no table of sections is promised"


@pytest.mark.parametrize(
    "data",
    [
        library(behind=b"a signature of its own"),
        library(allocated_behind=True),
        b"#!/bin/sh\n",
        b"\x7fELF\x02\x01",
        b"\x7fELF\x01\x01" + bytes(100),
    ],
)
def test_a_file_that_is_anything_else_stays_as_it_is(data: bytes) -> None:
    assert finish_packages.without_symbols(data) == data


def test_a_real_library_is_still_loaded(tmp_path: Path) -> None:
    whole = max(Path(zstandard.__file__).parent.glob("backend_c.*.so"))
    cut = finish_packages.without_symbols(whole.read_bytes())
    assert len(cut) < whole.stat().st_size
    copy = tmp_path / whole.name
    copy.write_bytes(cut)
    program = f"import importlib.util as u; s = u.spec_from_file_location('zstandard.backend_c', {str(copy)!r}); "
    program += "m = u.module_from_spec(s); s.loader.exec_module(m); print(m.ZSTD_VERSION)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(zstandard.ZSTD_VERSION)
