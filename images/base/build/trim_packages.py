"""Remove from installed Python packages what no image needs: their tests, what compilers read, services that only a cloud has."""

import re
import shutil
import sys
from pathlib import Path

# what S3 stores on premises speak, and what boto3 itself asks for when it looks for credentials
SERVICES = {"iam", "kms", "s3", "s3control", "signin", "sns", "sqs", "sso", "sso-oidc", "sts"}
# why -> relative paths, of files or folders
TRIMMED = {
    "for compilers, which no image has": re.compile(
        r".+\.(h|hpp|c|cc|cpp|pyx|pxd|pxi|f|f90|a|cmake)|pyarrow/include|numpy/(core|_core)/include"
    ),
    "source maps, for browsers' debuggers": re.compile(r".+\.(js|css|mjs)\.map"),
    "Arrow's RPC server, which neither Spark nor pandas speak to": re.compile(
        r"pyarrow/(_|lib)?(arrow_)?(python_)?flight[^/]*|pyarrow/_pyarrow_cpp_tests[^/]*"
    ),
    "pictures of a kind that telephones take": re.compile(r"PIL/_avif\.[^/]*|pillow\.libs/libavif-[^/]*"),
    "a second, slower backend": re.compile(r"zstandard/_cffi\.[^/]*"),
    "a browser's tests of JupyterLab": re.compile(r"jupyterlab/galata"),
    "languages that no page here is written in": re.compile(r"babel/locale-data/(?!en|root)[^/]+\.dat"),
    "services of a cloud": re.compile(rf"botocore/data/(?!({'|'.join(sorted(SERVICES))})$)[^/.]+"),
}


def is_tests(folder: Path) -> bool:
    """Whether a folder holds a package's own tests."""
    return folder.name == "tests" and any(folder.rglob("test_*.py"))


def trim(packages: Path) -> int:
    """Remove what nobody needs below a site-packages folder.

    Args:
        packages: The folder.

    Returns:
        How many bytes went.
    """
    before = size(packages)
    for folder in [path for path in packages.rglob("tests") if path.is_dir() and is_tests(path)]:
        shutil.rmtree(folder, ignore_errors=True)
    for path in sorted(packages.rglob("*")):
        if any(pattern.fullmatch(path.relative_to(packages).as_posix()) for pattern in TRIMMED.values()):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    return before - size(packages)


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    print(f"left out {trim(Path(sys.argv[1])) / 1e6:.0f} MB that no image needs")
