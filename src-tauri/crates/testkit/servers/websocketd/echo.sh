#!/usr/bin/env bash
# One process per connection, lines on stdin and stdout. RECEIVED is the file of received texts.
set -euo pipefail

as_json() {
    local text=$1
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\t'/\\t}
    printf '"%s"' "$text"
}

while IFS= read -r line; do
    printf '%s\n' "$(as_json "$line")" >>"$RECEIVED"
    case $line in
        '/close '*) exit 0 ;;
    esac
    printf '%s\n' "$line"
done
