#!/usr/bin/env bash
# Tries the build script in a copy of the checkout and writes a table, build.md beside this file: what the first edit in a clone costs, and what happens without packages, without
# `generated/` and without Markdown. The fast cases are in codegen/tests/build_script. Needs the packages of Cargo.lock on this machine, and no network.
set -euo pipefail
cd "$(dirname "$0")/.."
results="$PWD/tests/build.md"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
copy="$work/checkout"
mkdir "$copy"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy"
cd "$copy"
unset CI CARGO_TARGET_DIR "${!CARGO_PROFILE_@}"
spec="$(ls spec/reports/*/*.yaml | head -n 1)"
failed=0

# A change of the spec's bytes that changes no fact.
edit() { echo "# $1" >>"$spec"; }

# name, expected exit status, text that the output must have, command. Prints CPU and wall time in seconds.
try() {
  local name="$1" want="$2" has="$3" status=0 times verdict=ok
  shift 3
  TIMEFORMAT='%U %S %R'
  times="$( { time "$@" >"$work/said" 2>&1; } 2>&1 )" || status=$?
  if [ "$status" != "$want" ] || ! grep -q -- "$has" "$work/said"; then
    verdict="FAILED (status $status)"
    failed=1
  fi
  awk -v name="$name" -v verdict="$verdict" '{ printf "| %-52s | %5.1f | %6.1f | %s |\n", name, $1 + $2, $3, verdict }' <<<"$times" | tee -a "$work/table"
  [ "$verdict" = ok ] || sed 's/^/    /' "$work/said"
}

printf '# Builds\n\nMade by `tests/build.sh`, with times of the machine it ran on.\n\n' >"$work/table"
printf '| %-52s | CPU s | wall s | |\n|---|--:|--:|---|\n' case | tee -a "$work/table"
try 'fresh clone' 0 Finished cargo build --offline
edit first
try 'first edit: compiles the generator' 0 Finished cargo build --offline
edit second
try 'second edit: reuses it' 0 Finished cargo build --offline
try 'nothing changed' 0 Finished cargo build --offline
try 'generate --check agrees' 0 '' target/codegen/generator/placewise-codegen generate --check

# The client's packages are here, one of the generator's is not.
home="$work/home"
mkdir -p "$home/registry"
cp -r "${CARGO_HOME:-$HOME/.cargo}/registry/index" "$home/registry/"
mkdir -p "$home/registry/cache"
cp -r "${CARGO_HOME:-$HOME/.cargo}/registry/cache/." "$home/registry/cache/"
rm -f "$home"/registry/cache/*/prettyplease-*
rm -rf target/codegen
edit third
try 'package missing, --offline: advice' 101 'cargo fetch' env CARGO_HOME="$home" cargo build --offline
try 'package missing, network unreachable: advice' 101 'downloading packages' \
  env CARGO_HOME="$home" CARGO_NET_RETRY=0 CARGO_HTTP_PROXY=http://127.0.0.1:1 cargo build

find . -name '*.md' -not -path './target/*' -delete
try 'no Markdown and a stale spec, under CI: refused' 101 'cargo codegen generate' env CI=true cargo build --offline
sed -i '/^# third$/d' "$spec"
try 'no Markdown, under CI: builds' 0 Finished env CI=true cargo build --offline

rm -rf generated
try 'generated/ deleted: cargo finds no lib' 101 "can't find lib" cargo build --offline
try 'generated/ deleted: cargo codegen generate' 0 wrote cargo codegen generate
try 'then it builds' 0 Finished cargo build --offline
cp "$work/table" "$results"
exit "$failed"
