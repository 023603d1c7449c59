#!/usr/bin/env bash
# Proves the face of the generated crate from its packaged files, as a registry user meets it. Takes minutes, so `cargo test` does not run it.
#
#   tests/downstream/run.sh            pack, unpack, build a user's crate against the packages, run its tests, weigh a program
#   tests/downstream/run.sh --bless    the same, but overwrite the snapshots of compiler messages instead of comparing them
#
# It works in target/downstream and fetches from the registry what only the user's crate needs. Copy its figures to results.md.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"
here="$PWD"
root="$(cd ../.. && pwd)"
work="$root/target/downstream"
before=a832417 # The commit whose program size is compared.
recorded="rustc 1.95." # The compiler that wrote the snapshots.
export CARGO_INCREMENTAL=0
# A variable, because trybuild does not see the option.
export CARGO_TARGET_DIR="$work/build"

case "${1-}" in
  "") ;;
  --bless) export TRYBUILD=overwrite ;;
  *)
    echo "usage: tests/downstream/run.sh [--bless]" >&2
    exit 2
    ;;
esac

say() { printf '\n== %s\n' "$*"; }

# pack FOLDER OF A REPOSITORY, FOLDER FOR THE PACKAGES, PACKAGE...: what a registry would hand out, unpacked.
pack() {
  local from="$1" to="$2" name
  shift 2
  rm -rf "$work/pack" "$to"
  mkdir -p "$to"
  (cd "$from" && cargo package --quiet --no-verify --allow-dirty --target-dir "$work/pack" "${@/#/--package=placewise-}")
  for name; do
    mkdir "$to/placewise-$name"
    # `m`: a packed file has a fixed time, by which cargo would take a changed package for the one that it has built.
    tar xzmf "$work/pack/package/placewise-$name"-[0-9]*.crate -C "$to/placewise-$name" --strip-components=1
  done
}

# snippet N: the Nth Rust snippet of the packaged README.
snippet() {
  awk -v n="$1" '/^```rust/ { on = (++i == n); next } /^```/ { on = 0 } on; END { exit i < n }' "$work/now/packages/placewise-reporting/README.md"
}

# size VERSION: bytes of a stripped release program that uses one report.
size() {
  local folder="$work/$1/size"
  mkdir -p "$folder"
  cp "$here/size/Cargo.toml" "$folder/"
  cp "$here/size/$1.rs" "$folder/main.rs"
  # The same versions of all other packages.
  [ "$1" = now ] || cp "$work/now/size/Cargo.lock" "$folder/"
  cargo build --quiet --release --manifest-path "$folder/Cargo.toml" --target-dir "$work/size-build"
  wc -c <"$work/size-build/release/size" | tr -d ' '
}

say "packing runtime, reporting, simulator and model"
pack "$root" "$work/now/packages" runtime reporting simulator model
du -k "$work"/pack/package/*.crate | sed "s|$work/pack/package/||; s|\t| kB |"

say "taking the README's snippets: the first as it stands, the second in a function with a client"
snippet 1 >"$work/now/readme.rs"
{
  echo '#[allow(dead_code)]'
  echo 'async fn run(client: placewise_reporting::Client) -> Result<(), Box<dyn std::error::Error>> {'
  snippet 2
  echo 'Ok(()) } fn main() {}'
} >"$work/now/readme_chart.rs"

say "testing the user's crate: CSV, Arrow, JSON lines, other formats, enums, registry, axum, README"
cargo test --lib --examples --test user

say "testing a user's crate with the client as its only dependency: time zones"
cargo test --package alone

say "testing a user's crate with one group of reports and without TLS"
cargo test --package bare

case "$(rustc --version)" in
  "$recorded"*)
    say "compiling $(ls mistakes/*.rs | wc -l | tr -d ' ') mistakes and comparing what rustc says"
    cargo test --package mistakes
    if grep -l -e "$root" -e "$HOME" -e /tmp/ mistakes/*.stderr; then
      echo "these snapshots name folders of this machine" >&2
      exit 1
    fi
    ;;
  *) say "skipped the mistakes: their snapshots are from $recorded*, this is $(rustc --version)" ;;
esac

say "weighing a program that uses one report"
now_bytes="$(size now)"
trap 'git -C "$root" worktree remove --force "$work/before/repo" 2>/dev/null || true' EXIT
rm -rf "$work/before"
git -C "$root" worktree add --quiet --force --detach "$work/before/repo" "$before"
pack "$work/before/repo" "$work/before/packages" runtime reporting
before_bytes="$(size before)"
echo "stripped release program: $now_bytes bytes now, $before_bytes bytes at $before"

share=$((now_bytes * 1000 / before_bytes))
say "passed: the packaged crates do what their users expect; the program has $((share / 10)).$((share % 10)) % of its size at $before"
