#!/usr/bin/env bash
# Checks each feature of the program alone, none, and all, and that none is on by default. It builds Arrow and Parquet, which takes minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
tree="$(cargo tree --locked -p placewise-cli -e normal --prefix none)"
if grep -E '^(arrow|parquet|plotters)' <<< "$tree"; then
  echo "a format that is a feature is built by default" >&2
  exit 1
fi
for features in "" parquet arrow plot full; do
  echo "features: ${features:-none}"
  cargo clippy --quiet --locked -p placewise-cli --all-targets --features "$features" -- -D warnings
done
# One answer in each format: those of features that are off name them, and the others are read by tools that are not ours.
cargo test --quiet --locked -p placewise-cli --test query columnar
cargo test --quiet --locked -p placewise-cli --features full --test query columnar
cargo test --quiet --locked -p placewise-cli --features full --bin placewise output
