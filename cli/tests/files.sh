#!/usr/bin/env bash
# Writes Parquet and Arrow files, and reads them with pyarrow and DuckDB: `pip install pyarrow duckdb`. Without these, it says so and skips them.
# Prints the table of files.md beside this script.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo test --quiet --locked -p placewise-cli --features full --test query files_with_typed_columns -- --nocapture
