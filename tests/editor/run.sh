#!/usr/bin/env bash
# Validates spec/ and the SARIF output with validators that share no code with ours, and drives the language server that editors use.
# Needs cargo, node 18 or later, npm, and the registries of both. Installs nothing in the checkout; writes results.md beside this file.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
for tool in cargo node npm; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2; exit 2; }
done
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cp "$here/package.json" "$here/check.mjs" "$work/"
npm install --prefix "$work" --no-audit --no-fund --silent

# The official schema of SARIF 2.1.0 is part of the crate serde-sarif.
mkdir -p "$work/schema/src"
printf '[package]\nname = "schema"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nserde-sarif = "=0.8.0"\n[workspace]\n' >"$work/schema/Cargo.toml"
touch "$work/schema/src/lib.rs"
manifest="$(cargo metadata --quiet --format-version 1 --manifest-path "$work/schema/Cargo.toml" |
  node -pe 'JSON.parse(require("fs").readFileSync(0)).packages.find(p => p.name === "serde-sarif").manifest_path')"
cp "$(dirname "$manifest")/src/schema.json" "$work/sarif.json"

# A spec with slips, so that the log has results, related places and a fix.
cp -r "$root/tests/fixtures/harbour/spec" "$work/slips"
sed -i.old 's/^headers:/haeders:/; s/^errors:/erors:/' "$work/slips/api.yaml"
rm "$work/slips/api.yaml.old"
cp "$work/slips/reports/sea/wrecks.yaml" "$work/slips/reports/port/wrecks.yaml"
cargo run --quiet --manifest-path "$root/Cargo.toml" -p placewise-codegen -- check --spec "$work/slips" --format sarif >"$work/log.sarif" 2>/dev/null || [ $? -eq 1 ]

node "$work/check.mjs" "$root" "$work" >"$work/results.md" || { cat "$work/results.md"; exit 1; }
cp "$work/results.md" "$here/results.md"
cat "$here/results.md"
