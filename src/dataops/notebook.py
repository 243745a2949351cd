"""What a notebook has at hand: `spark`, `mlflow`, and Parquet by path with the rules of the lake."""

from __future__ import annotations

import html
import importlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dataops.config import Settings
from dataops.errors import UserError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from pyspark.sql import DataFrame, SparkSession

_MODES = ("overwrite", "append", "ignore", "error", "errorifexists")


def read_s3_parquet(spark: SparkSession, path: str) -> DataFrame:
    """Read Parquet by its path; on the path of a table, the table's current snapshot.

    Raises:
        UserError: nothing is there, or it cannot be read.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import AnalysisException, IllegalArgumentException

    from dataops import lineage, tables
    from dataops.s3 import paths

    settings = Settings.load()
    table = tables.table_at(path, settings)
    if table:
        return tables.read(spark, table)
    url = _url(path, settings, paths.url)
    try:
        frame = spark.read.parquet(url)
    except AnalysisException as error:
        if "PATH_NOT_FOUND" in str(error):
            raise UserError(f"{url} does not exist; look with: S3Client().list_objects('{path}')") from None
        if "UNABLE_TO_INFER_SCHEMA" in str(error):
            raise UserError(f"{url} holds no Parquet file; look with: S3Client().list_objects('{path}')") from None
        raise
    except (Py4JJavaError, IllegalArgumentException) as error:
        raise UserError(_failure("cannot be read", url, settings, error)) from error
    lineage.record(url)
    return frame


def write_s3_parquet(df: DataFrame, path: str, mode: str = "overwrite") -> None:
    """Write Parquet to a path, with Spark's modes.

    Raises:
        UserError: the path is a table's, whose rows are published instead, or it cannot be written.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import IllegalArgumentException

    from dataops import tables
    from dataops.s3 import paths

    if mode not in _MODES:
        raise UserError(f"mode {mode!r} is unknown; use one of {', '.join(_MODES)}")
    settings = Settings.load()
    touched = tables.tables_touching(path, settings)
    if touched:
        raise UserError(
            f"{path} holds the files of table {', '.join(touched)}, which a plain write would damage; write rows with:"
            f' dataops.tables.publish(df, "{touched[0]}")'
        )
    url = _url(path, settings, paths.url)
    try:
        df.write.mode(mode).parquet(url)
    except (Py4JJavaError, IllegalArgumentException) as error:
        raise UserError(_failure("cannot be written", url, settings, error)) from error


def show_sample(df: DataFrame, n: int = 5) -> Sample:
    """Return the first rows of a frame as a table that a notebook shows; it computes no more than these rows."""
    return Sample(df.limit(n).toPandas(), {field.name: field.dataType.simpleString() for field in df.schema.fields})


class Sample:
    """Rows with each column's type and its nulls, counted over these rows only."""

    def __init__(self, rows: Any, types: dict[str, str]) -> None:
        """Keep a pandas frame and its columns' Spark types."""
        self.rows = rows
        self.types = types
        self.nulls = {name: int(rows[name].isna().sum()) for name in types}

    @property
    def note(self) -> str:
        """What the numbers are about."""
        return f"{len(self.rows)} rows; nulls are counted over these rows, not over the whole frame"

    def __repr__(self) -> str:
        """Return the sample as text."""
        columns = ", ".join(f"{name}: {kind} ({self.nulls[name]} null)" for name, kind in self.types.items())
        return f"{self.rows.to_string(index=False)}\n{columns}\n{self.note}"

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{html.escape(name)}<br><small>{html.escape(kind)}<br>{self.nulls[name]} null</small></th>"
            for name, kind in self.types.items()
        )
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(str(value))}</td>" for value in row) + "</tr>"
            for row in self.rows.itertuples(index=False)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><small>{self.note}</small>"


class Lazy:
    """Stands for an object until something of it is used, so that a kernel starts in a moment."""

    def __init__(self, name: str, make: Callable[[], Any], shell: InteractiveShell) -> None:
        """Remember how to make the object that takes this one's place under `name`."""
        self.__dict__.update(_lazy=(name, make, shell))

    def _made(self) -> Any:
        name, make, shell = self.__dict__["_lazy"]
        if "_object" not in self.__dict__:
            self.__dict__["_object"] = make()
            if shell.user_ns.get(name) is self:
                shell.user_ns[name] = self.__dict__["_object"]  # from the next cell on it is the object itself
        return self.__dict__["_object"]

    def __getattr__(self, attribute: str) -> Any:
        """Make the object and return its attribute."""
        if attribute.startswith("_ipython_") or attribute == "_repr_mimebundle_":
            raise AttributeError(attribute)  # a look at it makes nothing
        return getattr(self._made(), attribute)

    def __dir__(self) -> list[str]:
        """Make the object and list what it has, for completion."""
        return dir(self._made())

    def __repr__(self) -> str:
        """Return what the object shows."""
        return repr(self._made())


def activate() -> None:
    """Bind the platform's names in the kernel of this process; nothing heavy is imported before it is used."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()

    def session() -> Any:
        return importlib.import_module("dataops.spark.session").create_spark_session("notebook")

    def client() -> Any:
        module = importlib.import_module("dataops.mlflow").configured()
        set_custom_exc((UserError, module.MlflowException), _one_sentence)
        return module

    set_custom_exc: Any = shell.set_custom_exc  # IPython types only part of itself
    set_custom_exc((UserError,), _one_sentence)
    names = {
        "spark": Lazy("spark", session, shell),
        "mlflow": Lazy("mlflow", client, shell),
        "read_s3_parquet": read_s3_parquet,
        "write_s3_parquet": write_s3_parquet,
        "show_sample": show_sample,
    }
    shell.push(names)  # type: ignore[no-untyped-call]  # IPython types only part of itself


def _one_sentence(shell: Any, kind: type, error: BaseException, trace: object, tb_offset: object = None) -> None:
    told = error if isinstance(error, UserError) else importlib.import_module("dataops.mlflow").sentence(error)
    shell._showtraceback(kind, error, [f"error: {told}"])


def _url(path: str, settings: Settings, make: Callable[[str, str], str]) -> str:
    if path.startswith(("file:", "/")):
        return path
    url = make(path, settings.s3_bucket)
    if url.count("/") < 3:
        raise UserError(f"{path!r} names no folder; write {url}/<folder>, or only <folder>")
    return url


def _failure(what: str, url: str, settings: Settings, error: Exception) -> str:
    """Say why Spark could not: the store itself is asked first, because its own words are clearer than the JVM's."""
    from dataops.s3 import S3Client

    if url.startswith("s3a:"):
        try:
            S3Client(settings).exists(url)
        except UserError as refused:
            return str(refused)
    causes = re.findall(r"^(?:Caused )?by: [\w.$]+: (.*)|^: [\w.$]+: (.*)", str(error), re.MULTILINE)
    reason = next((words for words in causes[-1] if words), "") if causes else str(error).splitlines()[0]
    return f"{url} {what} ({reason[:300]}); look with: S3Client().list_objects('{url}')"
