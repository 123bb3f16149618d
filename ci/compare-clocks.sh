#!/bin/sh
# SPDX-License-Identifier: MIT
# What programs see of a virtual clock: with libfaketime, in a time namespace, and in a cell of
# cloche's. Prints the table of docs/clocks.md. Everything runs in cells; the machine's clock stays.
#
#   ci/compare-clocks.sh
#
# CLOCHE=PROGRAM is tried instead of the one in build/.

. "$(dirname "$0")/common.sh"

need gcc libc6-dev faketime python3 perl-base golang-go busybox-static strace redis-server
cloche=${CLOCHE:-$top/build/cloche}
[ -x "$cloche" ] || build build
make_work
cp "$cloche" "$work/cloche"
helpers=$top/selftests/integration/helpers
gcc -O1 -pthread -o "$work/c" "$helpers/clock_compare.c"
gcc -O1 -pthread -static -o "$work/static" "$helpers/clock_compare.c"
cat >"$work/t.go" <<-'GO'
	package main

	import (
		"fmt"
		"time"
	)

	func main() { fmt.Println(time.Now().Unix()) }
GO
(cd "$work" && GO111MODULE=off GOCACHE=$work/gocache HOME=$work go build -o go t.go)
start=2147482800 # 2038-01-19T03:00:00Z
cd "$work"

# in_cell FLAGS -- COMMAND
in_cell() {
	result=0
	CLOCHE_STATE_DIR=$work/state "$work/cloche" exec --timeout=30s "$@" </dev/null 2>/dev/null ||
		result=$?
	[ "$result" != 124 ] || echo hangs
}

# by WAY COMMAND: in one of the four worlds. Nothing of the machine can be set in any of them.
by() {
	way=$1
	shift
	case $way in
	nothing) in_cell -- "$@" ;;
	namespace) in_cell --uptime=497d -- "$@" ;;
	faketime) in_cell -- faketime -f '@2038-01-19 03:00:00' "$@" ;;
	faketime-wall) in_cell --env=FAKETIME_DONT_FAKE_MONOTONIC=1 -- faketime -f \
		'@2038-01-19 03:00:00' "$@" ;;
	cloche) in_cell --wall="@$start" -- "$@" ;;
	esac
}

# What was said, in words.
word() {
	case $1 in
	'' | *error*) echo 'an error' ;;
	*[!0-9]*) echo "$1" ;;
	*) [ "$1" -ge "$start" ] && [ "$1" -lt $((start + 7 * 86400)) ] && echo virtual || echo real ;;
	esac
}

# row NAME COMMAND
row() {
	line="| $1 |"
	shift
	for way in nothing namespace faketime faketime-wall cloche; do
		line="$line $(word "$(by "$way" "$@" | tail -n 1)") |"
	done
	echo "$line"
}

# A program that runs already sees what another one sets; and `date -s` is possible at all.
# shellcheck disable=SC2016 # for the shell in the cell
set_and_look='date -s "+1 day" >/dev/null || exit 1; n=$(date +%s)
[ "$n" -ge 2147569200 ] && echo virtual || echo real'

echo '| what | nothing | time namespace | faketime | faketime, wall clock only | cloche |'
echo '|---|---|---|---|---|---|'
row 'C: time(2)' ./c time
row 'C: gettimeofday(2)' ./c gettimeofday
row 'C: clock_gettime(2), CLOCK_REALTIME' ./c realtime
row 'CLOCK_REALTIME_COARSE' ./c coarse
row 'CLOCK_TAI' ./c tai
row 'by syscall(2)' ./c system-call
row 'C, statically linked' ./static time
row 'Go' ./go
row 'Python' python3 -c 'import time; print(int(time.time()))'
row 'perl' perl -e 'print time'
row 'sh, date(1)' sh -c 'date +%s'
row 'busybox (static)' busybox date +%s
if command -v node >/dev/null; then
	row 'node' node -e 'console.log(Math.floor(Date.now() / 1000))'
fi
if command -v javac >/dev/null; then
	echo 'class T { public static void main(String[] a) {
		System.out.println(System.currentTimeMillis() / 1000); } }' >T.java
	javac -J-Xmx256m T.java
	row 'Java' java -Xmx256m T
fi
row 'redis-server: TIME' sh -c 'redis-server --save "" --port 7777 >/dev/null 2>&1 &
	until redis-cli -p 7777 ping >/dev/null 2>&1; do sleep 0.1; done
	redis-cli -p 7777 time | head -n 1'
row 'under strace -f' strace -f -o /dev/null date +%s
row 'a setgid program' sh -c 'cp /bin/date d && chgrp 1 d && chmod 2755 d &&
	setpriv --reuid=1 --regid=2 --clear-groups ./d +%s'
row 'an empty environment' env -i /bin/date +%s
row 'date -s, clock_settime(2)' sh -c "$set_and_look"
for name in sleep-realtime sleep-tai sleep-monotonic sleep-boottime condition \
	condition-monotonic semaphore mutex futex-realtime futex-monotonic queue \
	timerfd-realtime timerfd-monotonic timerfd-boottime timer-realtime timer-tai \
	timer-monotonic; do
	row "until a time: $name" ./c "$name"
done
row 'the same, 50 min early: the clock is set past it' ./c jump
