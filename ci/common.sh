# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# common.sh: what several jobs need; each sources it first.

set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
jobs=${JOBS:-$(nproc)}

say() {
	printf '\n== %s\n' "$*"
}

# Install those of the named Debian packages that are missing.
need() {
	missing=
	for package; do
		case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
		*' installed') ;;
		*) missing="$missing $package" ;;
		esac
	done
	[ -n "$missing" ] || return 0
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		as_root=sudo
		command -v sudo >/dev/null || {
			echo "missing packages; as root: apt-get install$missing" >&2
			exit 1
		}
	fi
	echo "installing$missing"
	# shellcheck disable=SC2086 # lists
	set -- $as_root env DEBIAN_FRONTEND=noninteractive apt-get
	# shellcheck disable=SC2086
	"$@" install -y -q --no-install-recommends $missing >/dev/null 2>&1 && return
	"$@" update -q >/dev/null
	# shellcheck disable=SC2086
	"$@" install -y -q --no-install-recommends $missing >/dev/null
}

# build DIRECTORY [CMAKE OPTIONS]: configure and build the tree in $top/DIRECTORY.
build() {
	directory=$top/$1
	shift
	cmake -S "$top" -B "$directory" -G Ninja "$@" >/dev/null
	ninja -C "$directory" -j "$jobs" --quiet
}

# A directory that everybody may read, and its removal at the end.
make_work() {
	umask 022
	work=$(mktemp -d)
	chmod 755 "$work"
	trap 'end_work' EXIT
	trap 'exit 130' INT TERM
}

end_work() {
	rm -rf "$work"
	[ -z "${made_user:-}" ] || userdel -r "$made_user" 2>/dev/null || :
}

# find_user: $user is someone without privilege, CLOCHE_TEST_USER=NAME if that is set; made for the
# time of the job if need be.
find_user() {
	user=${CLOCHE_TEST_USER:-cloche-ci}
	id "$user" >/dev/null 2>&1 && return
	useradd -m "$user"
	made_user=$user
}

# plainly COMMAND: with a small environment, as the one who runs the job.
plainly() {
	env -i HOME="$HOME" USER="$(id -un)" PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
		LANG=C.UTF-8 "$@"
}

# as_user COMMAND: the same, as $user.
as_user() {
	runuser -u "$user" -- env -i HOME="$(getent passwd "$user" | cut -d: -f6)" USER="$user" \
		PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "$@"
}
