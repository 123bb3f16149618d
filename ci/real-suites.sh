#!/bin/sh
# SPDX-License-Identifier: MIT
# Suites that nobody here wrote, from Debian's source packages: each by its own runner without
# cloche, and under it at -j8 in shuffled orders, as root (when the job is) and as a user. A failure
# that the suite alone does not have ends the job with 1, unless real-suites.expected explains it.
#
#   ci/real-suites.sh [NAME...]     all, or some (ci/real_suites.py has their names)
#
# CLOCHE=PROGRAM is tried instead of the one in build/; ORDERS=N, WORK=DIRECTORY (kept, for another
# time), SAVE=DIRECTORY for what the runs print, WHO='root user'.

. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/real.sh"

need gcc g++ libc6-dev make cmake ninja-build pkg-config autoconf automake libtool dpkg-dev python3 \
	uidmap libgtest-dev libcmocka-dev libssl-dev zlib1g-dev libbrotli-dev openssl \
	libpython3.11-testsuite meson libexpat1-dev libffi-dev \
	libcunit1-dev libcjson-dev bc bsdextrautils libncurses-dev
# msitools, postsrsd; fd; Go's
need bats faketime bison gettext valac gobject-introspection libgirepository1.0-dev libgcab-dev \
	libgsf-1-dev libxml2-dev libglib2.0-dev
need cargo rustc patch librust-anyhow-dev librust-argmax-dev librust-atty-dev librust-chrono-dev \
	librust-clap-dev librust-clap-complete-dev librust-crossbeam-channel-dev librust-ctrlc-dev \
	librust-dirs-next-dev librust-faccess-dev librust-globset-dev librust-humantime-dev \
	librust-ignore-dev librust-lscolors-dev librust-normpath-dev librust-nu-ansi-term-dev \
	librust-num-cpus-dev librust-once-cell-dev librust-regex+default-dev \
	librust-regex-syntax+unicode-dev librust-users+default-dev librust-version-check-dev \
	librust-nix-dev librust-libc-dev librust-diff-dev librust-filetime-dev librust-tempfile-dev \
	librust-test-case-dev
need golang-go golang-github-fsnotify-fsnotify-dev golang-github-miekg-dns-dev

cloche=${CLOCHE:-$top/build/cloche}
[ -x "$cloche" ] || {
	sh "$top/ci/install.sh" build
	build build
}
# what end_work removes is not the directory that is to be kept
if [ -n "${WORK:-}" ]; then
	umask 022
	work=$WORK
	trap 'work=; end_work' EXIT
	trap 'exit 130' INT TERM
else
	make_work
fi
mkdir -p "$work/src"
cp "$cloche" "$work/cloche"

# fetch PACKAGE: unpack what its authors wrote, without Debian's patches, in src/PACKAGE. The newest
# version that the archive still has is taken.
fetch() {
	[ ! -e "$work/src/$1/.built" ] || return 1
	rm -rf "$work/src/$1" && mkdir "$work/src/$1"
	for version in $(apt-cache showsrc "$1" | sed -n 's/^Version: //p' | sort -rV | uniq); do
		(cd "$work" && apt-get source -q --download-only "$1=$version" >/dev/null 2>&1) || true
		for tarball in "$work/$1"_*.orig.tar.?z "$work/$1"_*.orig.tar.bz2; do
			[ -e "$tarball" ] || continue
			tar -xf "$tarball" -C "$work/src/$1" --strip-components=1
			cd "$work/src/$1"
			return 0
		done
	done
	echo "the source of $1 cannot be had" >&2
	return 1
}

# made PACKAGE: it is, and need not be built again in this directory.
made() {
	touch "$work/src/$1/.built"
	cd "$top"
}

autotools() {
	name=$1
	shift
	fetch "$name" || return 0
	[ -x configure ] || autoreconf -fi
	./configure "$@"
	make -j "$jobs"
	make -j "$jobs" check TESTS=
	made "$name"
}

with_cmake() {
	name=$1
	shift
	fetch "$name" || return 0
	cmake -S . -B b -G Ninja "$@"
	ninja -C b -j "$jobs"
	made "$name"
}

with_meson() {
	name=$1
	shift
	fetch "$name" || return 0
	meson setup b "$@"
	ninja -C b -j "$jobs"
	made "$name"
}

# fd-find: Debian's versions of what it needs, which its own Cargo.toml is relaxed for by Debian.
rust_fd() {
	fetch rust-fd-find || return 0
	tar -xf "$work"/rust-fd-find_*.debian.tar.?z debian/patches
	for patch in debian/patches/relax-*.diff debian/patches/disable-jemallocator.diff; do
		patch -p1 <"$patch"
	done
	rm Cargo.lock
	mkdir .cargo
	cat >.cargo/config.toml <<-END
		[source.crates-io]
		replace-with = "debian"
		[source.debian]
		directory = "/usr/share/cargo/registry"
	END
	CARGO_HOME=$work/cargo cargo test --offline --no-run -j "$jobs" 2>cargo.log &&
		ln -f "$(executable src/main.rs)" target/debug/deps/unit &&
		ln -f "$(executable tests/tests.rs)" target/debug/deps/integration &&
		made rust-fd-find
}

# executable SOURCE: the program of its tests, as cargo tells.
executable() {
	sed -n "s|.*Executable.* $1 (\(.*\))|\1|p" cargo.log
}

# with_go NAME PACKAGE: from Debian's binary package, which has the source.
with_go() {
	directory=$work/src/$1
	mkdir -p "$directory/src/$2"
	cp -rL "/usr/share/gocode/src/$2/." "$directory/src/$2"
	cd "$directory/src/$2"
	GO111MODULE=off GOFLAGS="-p=$jobs" GOCACHE="$work/gocache" \
		GOPATH="$directory:/usr/share/gocode" go test -c -o test . && cd "$top"
}

postsrsd() {
	fetch postsrsd || return 0
	# its tests look for a directory that is named so
	cmake -S . -B build -G Ninja && ninja -C build -j "$jobs" && made postsrsd
}

msitools() {
	fetch msitools || return 0
	mkdir -p subprojects/bats-core/bin
	ln -s /usr/bin/bats subprojects/bats-core/bin/bats
	meson setup b && ninja -C b -j "$jobs" && made msitools
}

certificates() {
	openssl genrsa 2048 >key.pem
	openssl req -new -batch -config test.conf -key key.pem |
		openssl x509 -days 3650 -req -signkey key.pem >cert.pem
	openssl req -x509 -config test.conf -key key.pem -sha256 -days 3650 -nodes -out cert2.pem \
		-extensions SAN
	openssl genrsa 2048 >rootCA.key.pem
	openssl req -x509 -new -batch -config test.rootCA.conf -key rootCA.key.pem -days 1024 \
		>rootCA.cert.pem
	openssl genrsa 2048 >client.key.pem
	openssl req -new -batch -config test.conf -key client.key.pem |
		openssl x509 -days 370 -req -CA rootCA.cert.pem -CAkey rootCA.key.pem -CAcreateserial \
			>client.cert.pem
}

httplib() {
	fetch cpp-httplib || return 0
	cd test
	c++ -std=c++11 -I.. -DCPPHTTPLIB_OPENSSL_SUPPORT -DCPPHTTPLIB_ZLIB_SUPPORT \
		-DCPPHTTPLIB_BROTLI_SUPPORT test.cc include_httplib.cc -o test -lgtest -lgtest_main \
		-lpthread -lssl -lcrypto -lz -lbrotlicommon -lbrotlienc -lbrotlidec
	certificates
	made cpp-httplib
}

# Its certificates have run out since, and come with what makes them.
mosquitto() {
	fetch mosquitto || return 0
	make -j "$jobs" WITH_DOCS=no CFLAGS='-O2 -w' binary
	make -C test/unit build
	make -C test/broker test-compile
	make -C test/lib test-compile
	(cd test/ssl && sh gen.sh)
	made mosquitto
}

util_linux() {
	fetch util-linux || return 0
	./configure --disable-asciidoc --disable-nls --disable-makeinstall-chown \
		--disable-makeinstall-setuid --without-systemd --without-python --without-udev
	make -j "$jobs"
	make -j "$jobs" check-programs
	made util-linux
}

# make_suite NAME
make_suite() {
	case $1 in
	cpp-httplib) httplib ;;
	srt) with_cmake srt -DENABLE_UNITTESTS=ON -DENABLE_APPS=OFF -DCMAKE_CXX_STANDARD=14 ;;
	json-c) with_cmake json-c ;;
	libssh) with_cmake libssh -DUNIT_TESTING=ON ;;
	catch2) with_cmake catch2 -DCATCH_INSTALL_DOCS=OFF -DCMAKE_CXX_FLAGS=-Wno-error ;;
	wayland) with_meson wayland -Ddocumentation=false -Ddtd_validation=false ;;
	libdatrie) autotools libdatrie --disable-doxygen-doc ;;
	libmodbus) autotools libmodbus ;;
	libplist) autotools libplist --without-cython ;;
	zeromq3) autotools zeromq3 --disable-Werror --without-docs ;;
	mosquitto) mosquitto ;;
	util-linux) util_linux ;;
	cpython)
		mkdir -p "$work/src/cpython"
		cp -a /usr/lib/python3.11/test "$work/src/cpython/" # compiled files are by time
		;;
	rust-fd-find) rust_fd ;;
	golang-fsnotify) with_go golang-fsnotify github.com/fsnotify/fsnotify ;;
	golang-dns) with_go golang-dns github.com/miekg/dns ;;
	postsrsd) postsrsd ;;
	msitools) msitools ;;
	*) echo "there is no suite '$1'" >&2 && exit 2 ;;
	esac
}

say 'get the sources, and build them'
source_lists
for name in ${*:-$("$top/ci/real_suites.py" --list)}; do
	echo "$name"
	make_suite "$name" >"$work/build-$name.log" 2>&1 || {
		tail -n 20 "$work/build-$name.log"
		exit 1
	}
done
chmod -R a+rX "$work"
unset APT_CONFIG

run_as() {
	"$1" "$top/ci/real_suites.py" "$work" --cloche "$work/cloche" --as "$2" \
		--orders "${ORDERS:-5}" ${SAVE:+--save "$SAVE"} $names
}

names=$*
status=0
for who in ${WHO:-root user}; do
	say "as $who"
	if [ "$(id -u)" -ne 0 ]; then
		run_as plainly user || status=1
		break
	elif [ "$who" = root ]; then
		run_as plainly root || status=1
	else
		find_user
		chown -R "$user:" "$work"
		run_as as_user user || status=1
	fi
done
exit $status
