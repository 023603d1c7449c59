"""Reads files of `placewise` with pyarrow and DuckDB, and compares them with the same rows as NDJSON.

usage: files.py FOLDER   (rows and wide as .ndjson, .parquet and .arrow; chart as .csv, .parquet and .arrow)
Prints a Markdown table. Exits with 1 if a value differs.
"""

import csv
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

folder = Path(sys.argv[1])
wrong = 0
print(f"pyarrow {pa.__version__}, DuckDB {duckdb.__version__}\n")
print("| file | reader | rows | columns | result |")
print("|---|---|--:|--:|---|")


def instant(text):
    time = datetime.fromisoformat(text)
    return time.astimezone(timezone.utc) if time.tzinfo else time


def agrees(read, sent):
    """Whether a value of a file is the value that was sent."""
    if isinstance(read, datetime):
        read = read.astimezone(timezone.utc) if read.tzinfo else read
        return isinstance(sent, str) and read == instant(sent)
    if isinstance(read, list):
        return isinstance(sent, list) and len(read) == len(sent) and all(map(agrees, read, sent))
    if isinstance(read, str) and read != sent:
        # Nested values, and all of a column without a type of its own, are JSON text.
        return json.loads(read) == sent
    if hasattr(read, "isoformat"):
        return read.isoformat() == sent
    # A boolean equals an integer in Python.
    return type(read) is type(sent) and read == sent or (isinstance(read, float) and not isinstance(sent, bool) and read == sent)


def report(name, reader, rows, columns, problems):
    global wrong
    wrong += len(problems)
    print(f"| {name} | {reader} | {rows} | {columns} | {'agrees' if not problems else problems[0]} |")


def compare(name, reader, rows, sent):
    problems = [] if len(rows) == len(sent) else [f"{len(rows)} rows; expected {len(sent)}"]
    for index, (row, original) in enumerate(zip(rows, sent)):
        for key, value in row.items():
            if not agrees(value, original.get(key)):
                problems.append(f"row {index + 1}: `{key}` is {value!r}; expected {original.get(key)!r}")
        problems += [f"row {index + 1}: no `{key}`" for key in original if key not in row]
    report(name, reader, len(rows), len(rows[0]) if rows else 0, problems)


def readers(stem):
    parquet, arrow = folder / f"{stem}.parquet", folder / f"{stem}.arrow"
    yield parquet.name, "pyarrow", pq.read_table(parquet)
    yield parquet.name, "DuckDB", duckdb.sql(f"SET TimeZone = 'UTC'; SELECT * FROM read_parquet('{parquet}')").to_arrow_table()
    yield arrow.name, "pyarrow", feather.read_table(arrow)
    # DuckDB reads Arrow from memory.
    from_arrow = feather.read_table(arrow)
    yield arrow.name, "DuckDB", duckdb.sql("SELECT * FROM from_arrow").to_arrow_table()


for stem in ["rows", "wide"]:
    rows = [json.loads(line) for line in (folder / f"{stem}.ndjson").read_text().splitlines()]
    for name, reader, table in readers(stem):
        compare(name, reader, table.to_pylist(), rows)
parts = [
    ("wide.parquet: row groups", pq.ParquetFile(folder / "wide.parquet").num_row_groups),
    ("wide.arrow: batches", pa.ipc.open_file(folder / "wide.arrow").num_record_batches),
]
for name, count in parts:
    report(f"{name}: {count}", "pyarrow", len(rows), 2, [] if count > 1 else ["only one"])
groups = duckdb.sql(f"SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{folder}/wide.parquet')").fetchall()[0][0]
report(f"wide.parquet: row groups: {groups}", "DuckDB", len(rows), 2, [] if groups > 1 else ["only one"])
schema = pq.read_table(folder / "rows.parquet").schema
for kind in ["int64", "double", "timestamp[us]", "date32", "list<", "bool"]:
    if not any(str(field.type).startswith(kind) for field in schema):
        report("rows.parquet", "pyarrow", 0, len(schema), [f"no column is {kind}"])
for name, about in [
    ("rows.parquet", schema.metadata),
    ("rows.arrow", feather.read_table(folder / "rows.arrow").schema.metadata),
    ("rows.parquet, its own keys", pq.ParquetFile(folder / "rows.parquet").metadata.metadata),
]:
    about = {key.decode(): value.decode() for key, value in (about or {}).items()}
    missing = [f"no `{key}`" for key in ["placewise.report", "placewise.spec", "placewise.query"] if not about.get(key)]
    if not missing and about["placewise.report"] not in json.loads(about["placewise.query"]).values():
        missing = ["`placewise.query` is of another report"]
    report(f"{name}: metadata", "pyarrow", 0, len(about), missing)

with open(folder / "chart.csv", newline="") as file:
    points = list(csv.DictReader(file))
for name, reader, table in readers("chart"):
    problems = [] if len(table) == len(points) else [f"{len(table)} rows; expected {len(points)}"]
    for point, row in zip(points, table.to_pylist()):
        value = float(point["value"]) if point["value"] else None
        if row["value"] != value or not agrees(row["bucket"], point["bucket"]):
            problems.append(f"{row} is not {point}")
    report(name, reader, len(table), len(table.schema), problems)
sys.exit(1 if wrong else 0)
