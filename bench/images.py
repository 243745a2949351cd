"""`make bench-images`: our images beside the usual ones, by exact bytes; their builds and starts, by pairs of runs."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench import naive, report, starts
from dataops.errors import UserError
from dataops.platform.images import builder
from dataops.platform.images import engine as engines
from dataops.platform.images import layout as layouts
from dataops.platform.images.layout import Published
from dataops.platform.images.recipe import Recipe, image_names, timestamp
from dataops.platform.paths import cache_dir, published_dir, repository_root
from dataops.platform.process import run, step
from dataops.platform.versions import load_versions

LOCAL = ("minio", "postgres")  # ENV=local only: production brings its own
SPARK = "localhost/bench/spark:1"  # ours without the packages for data
CODE = "src/dataops/config.py"  # every image with our code copies it
MEGA = 1e6
MAIN = "from dataops.cli import main; main()"
DIGESTS = "import sys; from bench.images import print_digests; print_digests(*sys.argv[1:])"


def main() -> int:
    """Measure, print two tables, write .reports/bench-images.json.

    Returns:
        The exit code: 1 when a goal was missed.
    """
    root = repository_root()
    if engines.choose_engine() != "buildah":
        raise UserError("bench-images weighs images in the storage of buildah: run it with ENGINE=buildah")
    versions = load_versions(root)
    names = [name for name in image_names(root) if name not in LOCAL]
    built = builder.build(root, names, "buildah")
    parents = {"BASE": built["base"], "SPARK": built["spark"]}
    recipe = Recipe("spark-alone", root / "bench" / "spark" / "Dockerfile", None, ())
    engines.build_image("buildah", root, recipe, SPARK, parents, timestamp(versions))
    published = layouts.publish({one: one for one in (*built.values(), SPARK)}, published_dir())
    ours = {name: published[reference] for name, reference in built.items()}
    spark = published[SPARK]
    theirs = {name: naive.weigh(name, versions) for name in naive.names()}
    changed, rebuild = _code_only(root, names, ours)
    equal, whole = _second_build(root, built, ours)
    usual_spark = list(theirs["spark"].values())
    results = [
        report.exact("G1", "Spark with S3A alone", sum(usual_spark) / MEGA, spark.size / MEGA, "MB", 3.5, 210),
        report.exact("G2", "all images on an empty node", _sum(theirs), _union(ours.values()), "MB", 5, 450),
        report.exact(
            "G3", "jars", sum(usual_spark[-2:]) / MEGA, max(size for _, size in spark.layers) / MEGA, "MB", 3.3
        ),
        report.counted("G17", "images equal in a second build", len(names), len(equal), 4),
        report.exact("G15", "rebuild after a change of code", whole, rebuild, "s", 20),
        *starts.measure(root, versions),
    ]
    print(_sizes(ours, theirs, changed, equal))
    print(report.table(results))
    details = {
        "ours": {
            name: {"digest": one.digest, "layers": one.layers} for name, one in [*ours.items(), ("spark alone", spark)]
        },
        "naive": theirs,
        "naive, shared layers counted once": sum({k: v for one in theirs.values() for k, v in one.items()}.values()),
        "equal in a second build": equal,
        "layers and bytes of a change of code": changed,
    }
    print(report.write(root, "images", results, details))
    return 0 if all(one.met for one in results) else 1


def _sum(theirs: Mapping[str, Mapping[str, int]]) -> float:
    return sum(sum(sizes.values()) for sizes in theirs.values()) / MEGA


def _union(ours: Iterable[Published]) -> float:
    return sum(dict(layer for one in ours for layer in one.layers).values()) / MEGA


def _sizes(
    ours: Mapping[str, Published],
    theirs: Mapping[str, Mapping[str, int]],
    changed: Mapping[str, tuple[int, int]],
    equal: list[str],
) -> str:
    """The sizes as a Markdown table."""
    lines = [
        "| image | usual, MB | ours, MB | new to a node, MB | after a change of code | equal twice |",
        "|---|---|---|---|---|---|",
    ]
    seen: set[str] = set()
    for name, one in ours.items():
        usual = f"{sum(theirs[name].values()) / MEGA:.0f}" if name in theirs else "-"
        new = sum(size for digest, size in one.layers if digest not in seen) / MEGA
        seen |= {digest for digest, _ in one.layers}
        layers, size = changed[name]
        code = f"{layers} layers, {size / 1e3:.0f} kB"
        lines.append(
            f"| {name} | {usual} | {one.size / MEGA:.0f} | {new:.0f} | {code} | {'yes' if name in equal else 'no'} |"
        )
    return "\n".join(lines)


@contextmanager
def _copy(root: Path) -> Iterator[Path]:
    """The checkout in another folder, its files as young as today."""
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        copy = Path(folder) / "checkout"
        listed = run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).stdout
        for name in sorted(filter(None, listed.split("\0")), reverse=True):
            if (root / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(root / name, copy / name)
                (copy / name).chmod(0o755 if os.access(root / name, os.X_OK) else 0o644)
        yield copy


def _code_only(
    root: Path, names: list[str], before: Mapping[str, Published]
) -> tuple[dict[str, tuple[int, int]], float]:
    """Change a line of the library, build again; how many layers and bytes are new, and how many seconds it took."""
    with _copy(root) as copy, step("build all images after a change of code"):
        with (copy / CODE).open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")
        begin = time.monotonic()
        built = builder.build(copy, names, "buildah")
        seconds = time.monotonic() - begin
        after = layouts.publish({one: one for one in built.values()}, copy.parent / "layout")
    known = {digest for one in before.values() for digest, _ in one.layers}
    changed = {}
    for name, reference in built.items():
        new = [size for digest, size in after[reference].layers if digest not in known]
        changed[name] = (len(new), sum(new))
        if new:
            run(["buildah", "rmi", reference])
    return changed, seconds


def _second_build(root: Path, built: Mapping[str, str], ours: Mapping[str, Published]) -> tuple[list[str], float]:
    """Build all from nothing, later, in another folder and storage; what came out equal, and the seconds."""
    # below the home of root buildah leaves marks of its mounts in the layers
    with _copy(root) as copy, tempfile.TemporaryDirectory(dir="/var/tmp") as storage:
        settings = copy.parent / "storage.conf"
        settings.write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{storage}/root"\nrunroot = "{storage}/run"\n',
            encoding="utf-8",
        )
        other = {"CONTAINERS_STORAGE_CONF": str(settings), "PYTHONPATH": f"{copy}/src:{copy}"}
        begin = time.monotonic()
        try:
            with step("build all images from nothing, a second time"):
                command = [sys.executable, "-c", MAIN, "images", "build", "--engine", "buildah", *built]
                run(command, cwd=copy, env={**other, "DATAOPS_CACHE": str(copy.parent / "cache")})
            seconds = time.monotonic() - begin
            printed = run([sys.executable, "-c", DIGESTS, copy.parent / "layout", *built.values()], cwd=copy, env=other)
        finally:
            run(["buildah", "rmi", "--all", "--force"], env=other, check=False)
    digests = json.loads(printed.stdout)
    return [name for name, one in built.items() if digests[one] == ours[name].digest], seconds


def print_digests(layout: str, *references: str) -> None:
    """Publish images into a layout and print the digest of each as JSON."""
    published = layouts.publish({one: one for one in references}, Path(layout))
    print(json.dumps({one: image.digest for one, image in published.items()}))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
