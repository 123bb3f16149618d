#!/bin/sh
# SPDX-License-Identifier: MIT
# GLib's installed tests, one by one without cloche and then in parallel under it; as root (when
# the job is) and as a user. Every difference is printed; a failure that a serial run does
# not have ends the job with 1, unless real-glib.expected explains it. Takes a quarter of an hour,
# most of it for the serial runs.
#
#   ci/real-glib.sh [root|user]...

. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/real.sh"

need uidmap libglib2.0-tests python3
make_compare "$top/ci/real-glib.expected"
for test in /usr/share/installed-tests/glib/*.test; do
	case=$work/cases/$(basename "$test" .test)
	{
		echo '#!/bin/sh'
		sed -n 's/^Exec=/exec /p' "$test"
	} >"$case"
	chmod +x "$case"
done
compare_all "$@" --
