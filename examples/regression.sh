#!/bin/sh
# Fails when a changed parameter moves a result too far.
#
#   examples/regression.sh [NAME=VALUE [PERCENT [PATH]]]
#
# Runs the built-in flow, does again what uses the parameter with another value (a fork: the first
# run stays as it is), and compares the two. PATH names the number that counts, as
# `aimie-console diff` shows it.
#
# Exit code: 0 within PERCENT, 1 a regression; others as in docs/CLI.md, of the command that failed.
set -eu

change=${1:-parameters.contact_rate=8.2}
percent=${2:-10}
value=${3:-'simulation.variables[infectious].maximum'}

# Another program, such as "node bin/aimie-console.js", can be named in AIMIE_CONSOLE.
aimie() { ${AIMIE_CONSOLE:-aimie-console} "$@"; }

# The id of the run that a command has printed as JSON.
id_of() { sed -n 's/^    "id": "\(.*\)",$/\1/p' "$1" | head -n 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

aimie run --output json >"$work/first.json"
first=$(id_of "$work/first.json")
echo "first run: $first"

aimie rerun "$first" --set "$change" --output json >"$work/second.json"
second=$(id_of "$work/second.json")
echo "with $change: $second"

aimie diff "$first" "$second" --fail-over "$percent" --value "$value"
echo "$value stayed within $percent %"
