#!/usr/bin/env bash
# Measures our generator and the crates it writes beside other OpenAPI generators, with the script that measured them first.
# usage: benches/peers.sh PATH/TO/peers.sh [gen|build|all]   (settings as that script documents)
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${1:?where is peers.sh?}
cargo bench -p placewise-benches --no-run 2>/dev/null
cargo build --quiet --release --package placewise-codegen --target-dir target/bench-codegen
root=$PWD
export EXTRA_NAME=placewise-codegen
# The spec is written once per N and not timed: peers find their document ready too.
export SPECS=$root/target/peer-specs
for n in ${NS:-13 100 1000}; do cargo bench --quiet -p placewise-benches -- crate "$n" "$SPECS/$n" 2>/dev/null; done
export EXTRA_GEN="mkdir -p \"\$OUT/docs\" \"\$OUT/src\" && cp \"$SPECS/\$N/Cargo.toml\" \"\$OUT/\" && cp \"$SPECS/\$N/docs/front.md\" \"\$OUT/docs/\" && cp \"$SPECS/\$N/src/lib.rs\" \"\$OUT/src/\" && exec $root/target/bench-codegen/release/placewise-codegen generate --spec \"$SPECS/\$N/spec\" --out \"\$OUT/generated\""
exec bash "$peers" "${2:-all}"
