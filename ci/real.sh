# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# real.sh: what the jobs that run other projects' suites share; sourced after common.sh.
#
# CLOCHE=PROGRAM is tried instead of the one in build/; with SAVE=DIRECTORY the output of
# every case is kept there.

# make_compare EXPECTED: a directory $work with the program, readable by everybody.
make_compare() {
	cloche=${CLOCHE:-$top/build/cloche}
	[ -x "$cloche" ] || build build
	make_work
	cp "$cloche" "$work/cloche"
	cp "$top/ci/compare.py" "$work"
	cp "$1" "$work/expected"
	mkdir "$work/cases"
}

# compare BY LABEL OPTIONS: plainly or as_user; in a cell as many descriptors as outside
compare() {
	by=$1 label=$2
	shift 2
	if [ -n "${SAVE:-}" ]; then
		mkdir -p "$SAVE/$label"
		[ -z "${user:-}" ] || chown "$user" "$SAVE/$label"
		set -- --save "$SAVE/$label" "$@"
	fi
	"$by" "$work/compare.py" --cloche "$work/cloche" --cases "$work/cases" --label "$label" \
		--expected "$work/expected" --descriptors="$(ulimit -n)" "$@"
}

# compare_all WHO... -- OPTIONS: as root, and as a user; a user who runs the job is just that.
compare_all() {
	who=
	while [ "$1" != -- ]; do
		who="$who $1"
		shift
	done
	shift
	[ "$(id -u)" -eq 0 ] || who=self
	status=0
	for one in ${who:-root user}; do
		case $one in
		self) compare plainly user --user=me --ids=full "$@" || status=1 ;;
		root) compare plainly root --ids=full "$@" || status=1 ;;
		user)
			find_user
			chown -R "$user:" "$work"
			compare as_user user --user=me --ids=full "$@" || status=1
			;;
		*) echo "usage: $0 [root|user]..." >&2 && return 2 ;;
		esac
	done
	return $status
}

# Sources come from where the machine's packages come from, by lists of our own: /etc/apt stays
# as it is, and the machine's need not name any sources.
source_lists() {
	mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/parts"
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" \
			>"$work/apt/parts/${file##*/}"
	done
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
		sed -n 's/^deb /deb-src /p' >"$work/apt/parts/all.list"
	cat >"$work/apt/apt.conf" <<-END
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$work/apt/parts";
		Dir::State::lists "$work/apt/lists";
		Dir::Cache "$work/apt/cache";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG="$work/apt/apt.conf"
	apt-get update -q >/dev/null || echo 'some package lists cannot be had; going on' >&2
}
