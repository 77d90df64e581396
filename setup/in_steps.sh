#!/bin/sh
# Makes the given targets, one after the other, until one fails. Prints the duration of each in the end.
set -u

began_all=$(date +%s)
table=""

note() { # note SECONDS WHAT
    table="$table$(printf '%4d:%02d  %s' $(($1 / 60)) $(($1 % 60)) "$2")
"
}

for step; do
    began=$(date +%s)
    "${MAKE:-make}" --no-print-directory "$step"
    code=$?
    took=$(($(date +%s) - began))
    if [ "$code" = 0 ]; then note "$took" "$step"; else note "$took" "$step FAILED"; fi
    [ "$code" = 0 ] || break
done
note $(($(date +%s) - began_all)) "together"
printf '\n%s' "$table"
exit "$code"
