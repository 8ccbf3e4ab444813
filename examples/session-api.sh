#!/bin/sh
# Drives the session API with curl: sessions and runs from any program that speaks HTTP.
#
#   examples/session-api.sh [NAME=VALUE]
#
# Serves the API on a unix socket, makes a session, starts a run of the built-in flow in it (with a
# parameter of the flow, such as question=..., if one is given), follows its events to the end, does
# its last step again, renames the session and deletes it.
#
# Exit code: 0 when every request was answered as told below, 1 otherwise.
set -eu

parameter=${1:-}

# Another program, such as "node bin/aimie-console.js", can be named in AIMIE_CONSOLE.
aimie() { exec ${AIMIE_CONSOLE:-aimie-console} "$@"; }

work=$(mktemp -d)
socket=$work/api.sock
aimie serve --socket "$socket" --output json >"$work/serving.json" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

fail() { echo "$*" >&2; exit 1; }

# The first text under a name in the JSON of a file.
text_of() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1; }

# Repeats a command until it succeeds, for a minute at most.
until_true() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || fail "waited too long for: $*"
    sleep 0.2
  done
}

# What curl is to send as the token; in a file, because others can read a command's arguments.
use_token() { echo "Authorization: Bearer $1" >"$work/authorization"; }

# request STATUS METHOD PATH [BODY]: the answer is left in $work/answer.
request() {
  wanted=$1 method=$2 path=$3
  status=$(curl --silent --show-error --unix-socket "$socket" --request "$method" \
    --header "@$work/authorization" --header 'Content-Type: application/json' \
    ${4:+--data "$4"} --output "$work/answer" --write-out '%{http_code}' "http://localhost$path")
  [ "$status" = "$wanted" ] || fail "$method $path: $status, not $wanted: $(cat "$work/answer")"
  echo "$method $path: $status"
}

# run_is STATUS [ATTEMPT]: succeeds when the run has the status, and a step has had the attempt.
run_is() {
  request 200 GET "/v1/runs/$run" >/dev/null
  grep -q "^{[^{]*\"run\":{[^{]*\"status\":\"$1\"" "$work/answer" &&
    grep -q "\"attempt\":${2:-}" "$work/answer"
}

until_true [ -s "$work/serving.json" ]

# Without the token nothing is told but what there is to call.
use_token wrong
request 401 GET /v1/sessions
request 200 GET /openapi.json
use_token "$(cat "$(text_of tokenFile "$work/serving.json")")"

request 201 POST /v1/sessions '{"name": "by curl"}'
session=$(text_of sessionId "$work/answer")
request 201 POST "/v1/sessions/$session/notes" '{"text": "started by a script"}'
request 200 GET /v1/sessions
request 200 GET "/v1/sessions/$session"

body='{}'
[ -z "$parameter" ] || body="{\"parameters\": {\"${parameter%%=*}\": \"${parameter#*=}\"}}"
request 202 POST "/v1/sessions/$session/runs" "$body"
run=$(text_of runId "$work/answer")

# Server-sent events: what has happened, then what happens.
curl --silent --no-buffer --unix-socket "$socket" --header "@$work/authorization" \
  "http://localhost/v1/runs/$run/events" >"$work/events" &
follower=$!
until_true run_is succeeded
until_true grep -q '"viz"' "$work/events"
kill "$follower"
wait "$follower" 2>/dev/null || true
echo "events: $(grep -c '^id:' "$work/events")"

request 202 POST "/v1/runs/$run/rerun" '{"step": "viz"}'
until_true run_is succeeded 2
request 200 GET "/v1/sessions/$session/runs"

# What is over cannot be cancelled; what goes on can.
request 400 POST "/v1/runs/$run/cancel"
request 202 POST "/v1/sessions/$session/runs" '{}'
run=$(text_of runId "$work/answer")
request 202 POST "/v1/runs/$run/cancel"
until_true run_is cancelled

request 200 PATCH "/v1/sessions/$session" '{"name": "by curl, renamed"}'
request 204 DELETE "/v1/sessions/$session"
request 404 GET "/v1/sessions/$session"
echo "every request was answered as expected"
