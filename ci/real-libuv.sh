#!/bin/sh
# SPDX-License-Identifier: MIT
# libuv's own test program, which its Debian package forbids to run in parallel: each of its
# cases one by one without cloche, then under cloche -j8 in ten shuffled orders; as root (when
# the job is) and as a user. A failure that a serial run does not have ends the job with 1.
#
#   ci/real-libuv.sh [root|user]...

. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/real.sh"

need uidmap cmake ninja-build gcc libc6-dev dpkg-dev python3
make_compare "$top/ci/real-libuv.expected"

get_source() {
	source_lists
	cd "$work"
	apt-get source -q libuv1 >/dev/null
	mv libuv1-*/ source
	cd "$top"
}

say 'libuv: get the source and build it'
get_source
cmake -S "$work/source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug >/dev/null
ninja -C "$work/build" -j "$jobs" --quiet uv_run_tests_a
chmod -R a+rX "$work"

# One case each; 7 is how this program says "skipped". The surroundings are those of Debian's
# build, longer time limits included.
UV_RUN_AS_ROOT=1 "$work/build/uv_run_tests_a" --list | while read -r name _; do
	cat >"$work/cases/$name" <<-END
		#!/bin/sh
		export UV_RUN_AS_ROOT=1 UV_TEST_TIMEOUT_MULTIPLIER=2 RES_OPTIONS=attempts:0
		cd $work/source && $work/build/uv_run_tests_a $name
		status=\$?
		[ \$status -ne 7 ] || exit 77
		exit \$status
	END
	chmod +x "$work/cases/$name"
done

compare_all "$@" -- --orders "${ORDERS:-10}"
