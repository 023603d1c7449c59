#!/usr/bin/env bash
# Records the exchanges of the invented API anew: `placewise settle` asks a simulator of it, and `cargo codegen settle` keeps what settles
# something. The spec itself stays as it is, because nothing in it is known from a server. Run it after a change of that spec or of the format of evidence.
set -euo pipefail
cd "$(dirname "$0")/../.."
harbour=tests/fixtures/harbour
cargo build --quiet --locked -p placewise-cli -p placewise-codegen
programs=${CARGO_TARGET_DIR:-target}/debug
work=$(mktemp -d)
"$programs/placewise" simulate --model $harbour/generated/model.json --rows 60 --customers 1 --customers 2 --customers 3 --strict-keys --port 0 \
    > "$work/simulator" &
simulator=$!
trap 'kill $simulator; rm -rf "$work"' EXIT
until grep -q '^http' "$work/simulator"; do sleep 0.1; done
url=$(grep -o -m1 '^http://[^ ]*' "$work/simulator")
PLACEWISE_TOKEN=demo XDG_CONFIG_HOME="$work" "$programs/placewise" settle --url "$url" --model $harbour/generated/model.json --facts --yes --customers 1,2 \
    --out "$work/evidence.json" || [ $? -eq 1 ]
cp -r $harbour/spec "$work/spec"
rm -rf $harbour/lockstep/exchanges
"$programs/placewise-codegen" settle "$work/evidence.json" --spec "$work/spec" --lockstep $harbour/lockstep
