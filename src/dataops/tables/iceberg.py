"""A declared table in Iceberg's own words: schema, partitions, order and properties."""

from typing import Any

from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.sorting import NullOrder, SortDirection, SortField, SortOrder
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    YearTransform,
)
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    LongType,
    NestedField,
    PrimitiveType,
    StringType,
    TimestampType,
    TimestamptzType,
)

from dataops.tables.declare import Column, Partition, Table

OWNER, DESCRIPTION = "owner", "comment"
"""The properties that say whose a table is and what it holds, by the names Spark shows them under."""

ALWAYS = {
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "100",
}
"""The properties that every table of the lake has: how files are packed, and that old metadata goes by itself."""

_TYPES: dict[str, PrimitiveType] = {
    "boolean": BooleanType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "float": FloatType(),
    "double": DoubleType(),
    "date": DateType(),
    "timestamp": TimestamptzType(),
    "timestamp_ntz": TimestampType(),
    "string": StringType(),
    "binary": BinaryType(),
}
_NAMES = {iceberg: name for name, iceberg in _TYPES.items()}
_TRANSFORMS: dict[str, Transform[Any, Any]] = {
    "identity": IdentityTransform(),
    "year": YearTransform(),
    "month": MonthTransform(),
    "day": DayTransform(),
    "hour": HourTransform(),
}


def column_type(column: Column) -> PrimitiveType:
    """Return the type of a declared column."""
    return DecimalType(*column.decimal) if column.decimal else _TYPES[column.type]


def type_name(found: object) -> str:
    """Return what a type is called in declarations; one that cannot be declared has Iceberg's name."""
    return _NAMES.get(found, str(found)) if isinstance(found, PrimitiveType) else str(found)


def transform(partition: Partition) -> Transform[Any, Any]:
    """Return the transform of a declared partition."""
    return BucketTransform(partition.buckets) if partition.buckets else _TRANSFORMS[partition.transform]


def partition_name(partition: Partition) -> str:
    """Return what Spark would call the field of a partition."""
    return partition.column if partition.transform == "identity" else f"{partition.column}_{partition.transform}"


def widens(was: IcebergType, becomes: IcebergType) -> bool:
    """Return whether every value of a type means the same in another."""
    if isinstance(was, DecimalType) and isinstance(becomes, DecimalType):
        return was.scale == becomes.scale and was.precision <= becomes.precision
    return (was, becomes) in ((IntegerType(), LongType()), (FloatType(), DoubleType()))


def schema(table: Table) -> Schema:
    """Return the schema of a new table."""
    return Schema(
        *(
            NestedField(number, each.name, column_type(each), required=each.required, doc=each.description or None)
            for number, each in enumerate(table.columns, start=1)
        )
    )


def spec(table: Table, of: Schema) -> PartitionSpec:
    """Return how a new table is partitioned; fields have the names that Spark gives them."""
    return PartitionSpec(
        *(
            PartitionField(
                source_id=of.find_field(each.column).field_id,
                field_id=1000 + number,
                transform=transform(each),
                name=partition_name(each),
            )
            for number, each in enumerate(table.partitions)
        )
    )


def order(table: Table, of: Schema) -> SortOrder:
    """Return how the files of a new table are sorted; rows without a value come last."""
    return SortOrder(
        *(
            SortField(
                source_id=of.find_field(column).field_id,
                transform=IdentityTransform(),
                direction=SortDirection.DESC if descending else SortDirection.ASC,
                null_order=NullOrder.NULLS_LAST,
            )
            for column, descending in table.order
        )
    )


def properties(table: Table) -> dict[str, str]:
    """Return what a declaration says beside columns and layout."""
    return {**ALWAYS, OWNER: table.owner, DESCRIPTION: table.description}


def partition_texts(found: PartitionSpec, of: Schema) -> tuple[str, ...]:
    """Return how a table is partitioned, in the words of a declaration."""
    texts = []
    for field in found.fields:
        buckets = field.transform.num_buckets if isinstance(field.transform, BucketTransform) else 0
        words = "bucket" if buckets else str(field.transform)
        texts.append(str(Partition(of.find_column_name(field.source_id) or field.name, words, buckets)))
    return tuple(texts)


def order_texts(found: SortOrder, of: Schema) -> tuple[str, ...]:
    """Return how a table is sorted, in the words of a declaration."""
    return tuple(
        f"{of.find_column_name(field.source_id)}{' desc' if field.direction == SortDirection.DESC else ''}"
        for field in found.fields
    )
