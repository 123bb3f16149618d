#!/bin/bash
# SPDX-License-Identifier: MIT
# Run tests on the oldest kernel that cloche is for, Debian 12's own 6.1, in a machine that QEMU
# emulates: as root and as an ordinary user. For x86-64; root, who makes the file system of that
# machine, or a user with sudo. Its last line is: N passed, N failed, N skipped.
#
#   ci/old-kernel.sh            everything
#   ci/old-kernel.sh JOB...     some of: cells demo, and test_X of selftests/integration as X
#
# KERNEL=PACKAGE   another kernel of Debian's than the newest 6.1
# ACCEL=kvm        much quicker where the machine has it; default tcg, plain emulation
# MEMORY=MIB       of the emulated machine; default 3072
#
# What it downloads and makes is kept in build-old-kernel, for the next time. No kernel is installed.
. "$(dirname "$0")/common.sh"

jobs_in_guest=${*:-demo namespaces exec world_flags foreign refusals kept dumps cells root_cow}
made=$top/build-old-kernel

if [ "$(uname -m)" != x86_64 ]; then
	echo "this is for x86-64" >&2
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	exec sudo ${KERNEL:+"KERNEL=$KERNEL"} ${ACCEL:+"ACCEL=$ACCEL"} ${MEMORY:+"MEMORY=$MEMORY"} "$0" "$@"
fi

# What the guest has, besides what is essential: pytest, and what the tests of $jobs_in_guest run.
packages=busybox-static,e2fsprogs,gcc,gdb,iproute2,kmod,libc6-dev,libdw-dev,libjansson-dev
packages=$packages,libseccomp-dev,libxml2,netbase,procps,python3-jsonschema,python3-pytest,uidmap

# $kernel is the name of a package; its files are in $made/$kernel, and $version is what uname says.
get_kernel() {
	kernel=${KERNEL:-$(apt-cache depends linux-image-cloud-amd64 |
		sed -n 's/^ *Depends: \(linux-image-6\.1\.[^ ]*\)$/\1/p')}
	if [ -z "$kernel" ]; then
		echo "apt knows no linux-image-cloud-amd64 6.1: run apt-get update, on Debian 12" >&2
		exit 1
	fi
	if [ ! -d "$made/$kernel" ]; then
		say "downloading $kernel"
		(cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$kernel" >/dev/null)
		dpkg-deb -x "$work/$kernel"_*.deb "$work/kernel"
		version=$(basename "$work"/kernel/lib/modules/*)
		depmod -b "$work/kernel" "$version"
		mv "$work/kernel" "$made/$kernel"
	fi
	version=$(basename "$made/$kernel"/lib/modules/*)
}

# An ext4 image of Debian 12 with that kernel's modules.
make_root() {
	root=$made/$kernel.ext4
	[ "$(cat "$root.packages" 2>/dev/null)" != "$packages" ] || return 0
	say "making Debian 12's root file system"
	mmdebstrap --quiet --variant=minbase --include="$packages" bookworm "$work/root"
	cp -a "$made/$kernel/lib/modules" "$work/root/lib/"
	rm -rf "$root"
	mke2fs -q -t ext4 -L root -d "$work/root" "$root" 5G
	rm -rf "$work/root"
	echo "$packages" >"$root.packages"
}

# What boots: modules for the disks, and then it is all up to the guest's script.
make_initramfs() {
	local module
	mkdir -p "$work/initramfs/modules" "$work/initramfs/dev" "$work/initramfs/root"
	cp /bin/busybox "$work/initramfs/busybox"
	{
		echo '#!/busybox sh'
		echo '/busybox mount -t devtmpfs dev /dev'
		for name in virtio_pci virtio_blk; do
			modprobe -D -d "$made/$kernel" -S "$version" "$name"
		done | sed -n 's/^insmod //p' | awk '!seen[$0]++' | while read -r module; do
			cp "$module" "$work/initramfs/modules"
			echo "/busybox insmod /modules/$(basename "$module")"
		done
		echo '/busybox mount -t ext4 /dev/vda /root'
		echo '/busybox cp /guest /root/guest'
		echo 'exec /busybox switch_root /root /guest'
	} >"$work/initramfs/init"
	guest >"$work/initramfs/guest"
	chmod 755 "$work/initramfs/init" "$work/initramfs/guest"
	(cd "$work/initramfs" && find . | cpio --quiet -o -H newc) >"$work/initramfs.cpio"
}

# The script that is pid 1 of the guest. Emulation is slow and varies: deadlines are 20 times as long.
guest() {
	cat <<END
#!/bin/bash
top='$top' jobs='$jobs_in_guest'
END
	cat <<'END'
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root
export LANG=C.UTF-8 CLOCHE_TEST_USER=clochetest CLOCHE_BUILD=$top/build
umask 022
mount -t proc proc /proc
mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=755 run /run
mount -t cgroup2 cgroup /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
ip link set lo up
hostname old-kernel
printf '127.0.0.1 localhost\n127.0.1.1 old-kernel\n' >/etc/hosts
touch /etc/resolv.conf
modprobe loop
useradd -m -s /bin/bash "$CLOCHE_TEST_USER"
mkdir -p "$top" /results /place
tar -C "$top" -xf /dev/vdb
cd "$top"
echo "this is Linux $(uname -r), after $(cut -d. -f1 /proc/uptime) s"

tally() { # KIND FILE WHO STATUS
	/usr/bin/python3 ci/tally.py "$1" "$2" ci/expected-skips "$3" "$4" >/results/counts
	cat /results/counts >>/results/tally
	read -r p f s </results/counts
	echo "$name as $3: $p passed, $f failed, $s skipped, after $(cut -d. -f1 /proc/uptime) s"
}

suites() { # WHO
	runuser -u "$1" -- /place/cloche run --no-journal -j4 --timeout-multiplier 20 \
		--report terminal --report jsonl=/tmp/cells-$1.jsonl /place/cells >/results/cells-$1.log 2>&1
	tally jsonl /tmp/cells-$1.jsonl "$1" $?
}

cells() {
	mkdir -p /place/cells
	cp build/cloche /place
	find build/selftests/cells -maxdepth 1 -name 't_*' -type f -perm -100 -exec cp {} /place/cells \;
	suites root
	suites "$CLOCHE_TEST_USER"
}

# As ci/demo.sh does, as both.
demo() {
	local who status
	cp build/cloche build/selftests/samples/demo /place
	for who in root "$CLOCHE_TEST_USER"; do
		(
			cd /tmp || exit
			export CLOCHE_STATE_DIR=/tmp/state-$who
			runuser -u "$who" -- /place/demo -j20 --timeout-multiplier 20 --verbose || exit
			runuser -u "$who" -- /place/cloche exec --root=cow -- /place/demo -j20 --no-isolation \
				--output=never
			[ $? -eq 100 ]
		) >/results/demo-$who.log 2>&1
		status=$?
		if [ $status -eq 0 ]; then echo 1 0 0; else echo 0 1 0; fi >>/results/tally
		echo "demo as $who: status $status"
	done
}

integration() {
	CLOCHE_TEST_PATIENCE=1000 /usr/bin/python3 -m pytest -q -p no:cacheprovider \
		--junitxml=/tmp/$name.xml selftests/integration/test_$name.py 2>&1 | tee /results/$name.log
	tally junit /tmp/$name.xml "linux-$(uname -r | cut -d. -f1-2)" "${PIPESTATUS[0]}"
}

# Some tests set back the clocks by up to two minutes.
grow_old() {
	while [ "$(cut -d. -f1 /proc/uptime)" -lt 121 ]; do sleep 1; done
}

for name in $jobs; do
	case $name in cells | world_flags) grow_old ;; esac
	case $name in
	cells | demo) $name ;;
	*) integration ;;
	esac
	tar -C /results -cf /dev/vdc .
done
touch /results/end
tar -C /results -cf /dev/vdc .
sync
echo o >/proc/sysrq-trigger
sleep 1000
END
}

make_disks() {
	tar -C "$top" --exclude='*.o' --exclude=./.git --exclude='./build-*' -cf "$work/tree" .
	truncate -s 64M "$work/results.tar"
	mkdir "$work/results"
}

emulate() {
	timeout --foreground 3h qemu-system-x86_64 -accel "${ACCEL:-tcg}" -cpu max -smp "$jobs" -m "${MEMORY:-3072}" \
		-nodefaults -no-reboot -display none -serial stdio -nic none \
		-kernel "$made/$kernel/boot/vmlinuz-$version" -initrd "$work/initramfs.cpio" \
		-append 'console=ttyS0 quiet loglevel=3 panic=-1' \
		-drive "file=$root,format=raw,if=virtio,snapshot=on" \
		-drive "file=$work/tree,format=raw,if=virtio,readonly=on" \
		-drive "file=$work/results.tar,format=raw,if=virtio" </dev/null
}

# What the guest counted, and its logs, which are kept.
show_results() {
	local passed=0 failed=0 skipped=0 p f s
	tar -C "$work/results" -xf "$work/results.tar" 2>/dev/null || :
	rm -rf "$made/results"
	cp -a "$work/results" "$made/results"
	while read -r p f s; do
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	done < <(cat "$work/results/tally" 2>/dev/null)
	if [ ! -e "$work/results/end" ]; then
		echo "the emulated machine did not come to its end" >&2
		failed=$((failed + 1))
	fi
	echo "the logs are in $made/results"
	printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

"$top/ci/install.sh"
need qemu-system-x86 busybox-static mmdebstrap e2fsprogs kmod cpio
mkdir -p "$made"
make_work
get_kernel
make_root
make_initramfs
say "building"
build build
make_disks
say "$kernel, on an emulated machine"
emulate || echo "the emulation ended with status $?" >&2
show_results
