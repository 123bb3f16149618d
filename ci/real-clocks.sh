#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that nobody here wrote, from Debian, each in a cell whose wall clock is its own and is set
# on the way: what they do when a day, a month or a year is over. Nothing runs outside of a cell.
#
#   ci/real-clocks.sh [NAME...]     all, or some (--list has their names)
#
# CLOCHE=PROGRAM is tried instead of the one in build/. What is missing is installed by name, if the
# job may; KEEP=1 leaves that, and skips. ALL=1 installs the large ones (Java), too.

. "$(dirname "$0")/common.sh"

# NAME | where its clock begins | the program it needs | Debian's package, '-': large; ids
cases() {
	cat <<-'TABLE'
		redis       2038-01-19T03:00:00Z redis-server redis-server
		openssl     2030-01-01T00:00:00Z openssl openssl
		cron        2027-12-31T23:50:00Z cron cron
		postgresql  2038-01-19T03:00:00Z psql postgresql
		nginx       2038-01-19T03:00:00Z nginx nginx-light
		logrotate   2038-01-19T12:00:00Z logrotate logrotate
		at          2027-12-31T23:50:00Z atd at
		timeout     2038-01-19T03:00:00Z timeout coreutils
		summer      2027-03-28T00:59:55Z date coreutils
		asyncio     2038-01-19T03:00:00Z python3 python3
		threading   2038-01-19T03:00:00Z python3 python3
		go          2038-01-19T03:00:00Z go golang-go
		rust        2038-01-19T03:00:00Z rustc rustc
		java        2038-01-19T03:00:00Z javac -default-jdk-headless
		node        2038-01-19T03:00:00Z node nodejs
		chrony      2038-01-19T03:00:00Z chronyd chrony
	TABLE
}

# ---- inside of a cell: each case is in /tmp/case, and ends with 0 when all is as it should be ----

wrong() {
	echo "$*" >&2
	exit 1
}

# await COMMAND: until it succeeds. Real time is not what is tested, so it may take long.
await() {
	for _ in $(seq 600); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	wrong "waited, and still not: $*"
}

# said TEXT COMMAND: what it prints has that text.
said() {
	text=$1
	shift
	"$@" >said 2>&1 </dev/null || :
	grep -q -e "$text" said || {
		cat said >&2
		wrong "'$text' is not in what was said: $*"
	}
}

set_date() {
	date -s "$*" >/dev/null
}

case_redis() {
	redis-server --save '' --port 7777 >log 2>&1 &
	r() { redis-cli -p 7777 "$@"; }
	is_gone() { [ -z "$(r get "$1")" ]; }
	await r ping
	r set a 1 EX 3600 >/dev/null
	said 1 r get a
	set_date '+2 hours'
	is_gone a || wrong "the key has not expired"
	r set b 1 EX 3600 >/dev/null
	set_date '-1 day'
	[ "$(r ttl b)" -gt 86400 ] || wrong "the key lives for $(r ttl b) s, and not a day longer"
	r set c 1 PX 300 >/dev/null # by the running clock, too
	await is_gone c
}

case_openssl() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -keyout key \
		-out cert >/dev/null 2>&1
	openssl s_server -accept 4433 -cert cert -key key -www >log 2>&1 &
	connect() {
		openssl s_client -connect localhost:4433 -CAfile cert -verify_return_error </dev/null
	}
	await connect
	set_date '+31 days'
	said 'certificate has expired' connect
	set_date '-60 days'
	said 'certificate is not yet valid' connect
	set_date '+30 days'
	connect >/dev/null 2>&1 || wrong "within its days it is not valid again"
}

# empty DIRECTORY [OPTIONS]: in an ordinary user's cell the machine's cannot be written to.
empty() {
	mount -t tmpfs -o "${2:-mode=755}" none "$1"
}

case_cron() {
	empty /etc/cron.d
	echo "0 0 1 1 * root date '+\%F \%T' >$PWD/ran" >/etc/cron.d/cloche
	set_date '2027-12-31 23:59:50'
	cron -f >log 2>&1 &
	await test -s ran
	said '^2028-01-01 00:00:0' cat ran
}

case_postgresql() {
	bin=$(echo /usr/lib/postgresql/*/bin)
	by() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
	mkdir pg && chown postgres pg
	by "$bin/initdb" -D pg/data >log 2>&1 || wrong "$(cat log)"
	by "$bin/postgres" -D pg/data -k "$PWD/pg" >log 2>&1 &
	ask() { by psql -h "$PWD/pg" -d postgres -Atc "$1"; }
	await ask 'select 1'
	said '^2038-01-19 0[34]:' ask 'select now()'
	said '^2038' ask "create table t (x timestamptz default now()); insert into t default values;
		select x from t"
	said 'statement timeout' ask "set statement_timeout = '200ms'; select pg_sleep(600)"
	ask "set statement_timeout = '30min'; select pg_sleep(2), 'has slept'" >slept 2>&1 &
	asked=$!
	set_date '+1 day'
	wait "$asked" || wrong "$(cat slept)"
	said 'has slept' cat slept
	said '^2038-01-20' ask 'select now()'
	said '^t' ask "select now() - x between '1 day' and '2 days' from t"
}

case_nginx() {
	cat >conf <<-CONF
		daemon off; master_process off; pid $PWD/pid; error_log $PWD/errors;
		events {}
		http {
			access_log $PWD/access;
			client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2;
			fastcgi_temp_path $PWD/t3; uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
			server { listen 8080; location / { return 200 "hello\n"; } }
		}
	CONF
	nginx -c "$PWD/conf" >log 2>&1 &
	get() {
		python3 -c 'import urllib.request as u
r = u.urlopen("http://localhost:8080/")
print(r.headers["date"])'
	}
	await get
	said 'Tue, 19 Jan 2038 0' get
	said '\[19/Jan/2038:0' cat access
	set_date '+400 days'
	await sh -c "grep -q '23 Feb 2039' said || sleep 1" # its clock is a second old at most
	get >said
	get >said
	said '23 Feb 2039' get
	said '\[23/Feb/2039:0' tail -n 1 access
}

case_logrotate() {
	mkdir -m 755 logs
	echo line >logs/log
	printf '%s {\n daily\n dateext\n rotate 9\n create\n}\n' "$PWD/logs/log" >conf
	chmod 644 conf
	logrotate -s state conf
	[ ! -e logs/log-20380119 ] || wrong "it rotates on the first day"
	for _ in 1 2 3; do
		set_date '+1 day'
		echo line >>logs/log
		logrotate -s state conf
		logrotate -s state conf # once a day
	done
	expected='logs/log logs/log-20380120 logs/log-20380121 logs/log-20380122'
	[ "$(echo logs/log*)" = "$expected" ] ||
		wrong "rotated are: $(echo logs/*)"
}

case_at() {
	for directory in atjobs atspool; do
		empty /var/spool/cron/$directory mode=1770,uid=daemon,gid=daemon
	done
	install -m 600 -o daemon -g daemon /dev/null /var/spool/cron/atjobs/.SEQ
	# before atd looks, which does not look again in the same (real) second
	echo "date '+%F %T' >$PWD/ran" | at -t 202801010000 >said 2>&1 || wrong "$(cat said)"
	set_date '2027-12-31 23:59:55'
	atd -f >log 2>&1 &
	await test -s ran
	said '^2028-01-01 00:00:0' cat ran
}

case_timeout() {
	timeout 600 sh -c 'sleep 2; echo slept >slept' &
	waited=$!
	set_date '+1 day'
	wait "$waited" && said slept cat slept
	result=0
	timeout 0.2 sleep 600 || result=$?
	[ "$result" = 124 ] || wrong "status $result"
}

case_summer() {
	export TZ=Europe/Berlin
	seen=
	until [ "$(date +%H)" = 03 ]; do
		seen="$seen $(date +%H%Z)"
		sleep 0.1
	done
	case $seen in *02*) wrong "an hour that does not exist: $seen" ;; *01CET*) ;; *) wrong "$seen" ;; esac
	said 'CEST' date
	set_date '2027-10-31 02:59:59 CEST'
	await sh -c 'date | grep -q CET'
	said '^02:00' date +%T
}

case_asyncio() {
	python3 - <<-'PYTHON'
		import asyncio, datetime, subprocess, time
		async def ticks(every, count):
		    for _ in range(count):
		        await asyncio.sleep(every)
		    return count
		async def main():
		    task = asyncio.create_task(ticks(0.02, 20))
		    before = time.monotonic()
		    for step in ("+1 year", "-2 years", "+1 year"):
		        await asyncio.sleep(0.1)
		        subprocess.run(["date", "-s", step], stdout=subprocess.DEVNULL, check=True)
		    assert await asyncio.wait_for(task, 600) == 20
		    assert 0.3 <= time.monotonic() - before < 300
		    try:
		        await asyncio.wait_for(asyncio.Event().wait(), 0.1)
		    except asyncio.TimeoutError:
		        pass
		    assert datetime.datetime.now().year == 2038
		asyncio.run(main())
	PYTHON
}

case_threading() {
	python3 - <<-'PYTHON'
		import queue, subprocess, threading, time
		fired = threading.Event()
		before = time.monotonic()
		threading.Timer(1, fired.set).start()
		subprocess.run(["date", "-s", "+1 year"], stdout=subprocess.DEVNULL, check=True)
		assert fired.wait(600) and 1 <= time.monotonic() - before < 300
		subprocess.run(["date", "-s", "-2 years"], stdout=subprocess.DEVNULL, check=True)
		assert not threading.Event().wait(0.1)
		assert not threading.Lock().acquire() or True
		try:
		    queue.Queue().get(timeout=0.1)
		    raise SystemExit("nothing came")
		except queue.Empty:
		    pass
		assert time.gmtime().tm_year == 2037
	PYTHON
}

case_go() {
	cat >t.go <<-'GO'
		package main

		import (
			"fmt"
			"os/exec"
			"time"
		)

		func main() {
			begun := time.Now()
			ticker := time.NewTicker(20 * time.Millisecond)
			for i := 0; i < 30; i++ {
				<-ticker.C
				if i%10 == 5 && exec.Command("date", "-s", "+1 year").Run() != nil {
					panic("date")
				}
			}
			passed := time.Since(begun)
			fmt.Println("ticked", time.Now().UTC().Year(), passed > 600*time.Millisecond && passed < 300*time.Second)
			fmt.Println("wall", time.Now().Round(0).Sub(begun.Round(0)) > 3*365*24*time.Hour)
		}
	GO
	GO111MODULE=off GOCACHE=$PWD/cache go build -o t t.go
	./t >log
	said '^ticked 2041 true' cat log
	said '^wall true' cat log
}

case_rust() {
	cat >t.rs <<-'RUST'
		use std::process::Command;
		use std::sync::{Condvar, Mutex};
		use std::thread::sleep;
		use std::time::{Duration, Instant, SystemTime};
		fn main() {
		    let (begun, wall) = (Instant::now(), SystemTime::now());
		    let pause = Duration::from_millis(300);
		    let child = std::thread::spawn(move || sleep(pause));
		    assert!(Command::new("date").args(["-s", "+1 year"]).output().unwrap().status.success());
		    child.join().unwrap();
		    let (lock, never) = (Mutex::new(()), Condvar::new());
		    let (_, ended) = never.wait_timeout(lock.lock().unwrap(), pause).unwrap();
		    assert!(ended.timed_out());
		    assert!(begun.elapsed() >= 2 * pause && begun.elapsed() < Duration::from_secs(300));
		    assert!(wall.elapsed().unwrap() >= Duration::from_secs(365 * 86400));
		}
	RUST
	rustc -o t t.rs
	./t
}

case_java() {
	cat >T.java <<-'JAVA'
		import java.time.Year;
		import java.util.concurrent.*;
		public class T {
		    public static void main(String[] args) throws Exception {
		        ScheduledExecutorService executor = Executors.newScheduledThreadPool(1);
		        CountDownLatch ticks = new CountDownLatch(20);
		        long begun = System.nanoTime(), wall = System.currentTimeMillis();
		        executor.scheduleAtFixedRate(ticks::countDown, 20, 20, TimeUnit.MILLISECONDS);
		        for (String step : new String[] {"+1 year", "-3 years"})
		            if (new ProcessBuilder("date", "-s", step).start().waitFor() != 0)
		                throw new Exception("date");
		        if (!ticks.await(600, TimeUnit.SECONDS))
		            throw new Exception("no ticks");
		        executor.shutdownNow();
		        long passed = System.nanoTime() - begun;
		        if (passed < 400_000_000L || passed > 300_000_000_000L || Year.now().getValue() != 2036)
		            throw new Exception(passed + " " + Year.now());
		        if (System.currentTimeMillis() > wall)
		            throw new Exception("the clock was not set");
		    }
		}
	JAVA
	javac -J-Xmx256m T.java
	java -Xmx256m T
}

case_node() {
	cat >t.js <<-'JS'
		const run = require("child_process").execFileSync;
		const begun = process.hrtime.bigint();
		let ticks = 0;
		const timer = setInterval(() => {
		  if (++ticks % 5 == 0) run("date", ["-s", ticks == 5 ? "+1 year" : "-2 years"]);
		  if (ticks < 12) return;
		  clearInterval(timer);
		  const passed = Number(process.hrtime.bigint() - begun) / 1e9;
		  const year = new Date().getUTCFullYear();
		  if (year != 2037 || passed < 0.2 || passed > 300) process.exit(1);
		  setTimeout(() => process.exit(0), 50);
		}, 20);
	JS
	node t.js
}

# It is told a time by hand, steps the clock there, and goes on by its own filter of system calls.
case_chrony() {
	mkdir -m 700 own
	cat >conf <<-CONF
		local stratum 8
		manual
		driftfile $PWD/own/drift
		pidfile $PWD/own/pid
		bindcmdaddress $PWD/own/socket
		makestep 1 -1
	CONF
	chronyd -n -u root -f "$PWD/conf" >log 2>&1 &
	daemon=$!
	# shellcheck disable=SC2317 # it is called by await and said
	c() { chronyc -h "$PWD/own/socket" "$@"; }
	await c tracking
	said '200 OK' c settime '20 Jan 2038 12:00:00'
	said '200 OK' c makestep
	await sh -c 'date +%F-%H | grep -q 2038-01-20-12'
	said '^Leap status *: Normal' c tracking
	kill -0 "$daemon" || wrong "$(cat log)"
}

if [ "${1:-}" = --inside ]; then
	mkdir -p /tmp/case
	cd /tmp/case
	"case_$2"
	exit
fi

# ---- outside ----

if [ "${1:-}" = --list ]; then
	cases | cut -d' ' -f1
	exit
fi
cloche=${CLOCHE:-$top/build/cloche}
[ -x "$cloche" ] || {
	sh "$top/ci/install.sh" build
	build build
}
PATH=$PATH:/usr/sbin:/sbin
make_work
mkdir "$work/ci"
cp "$cloche" "$work/cloche"
cp "$0" "$top/ci/common.sh" "$work/ci"
passed=0 failed=0 skipped=0

# is_there PROGRAM PACKAGE: or is now.
is_there() {
	command -v "$1" >/dev/null && return
	[ -z "${KEEP:-}" ] || return
	case $2 in
	-*) [ -n "${ALL:-}" ] || return ;;
	esac
	(need "${2#-}") && command -v "$1" >/dev/null
}

# A deadline that only ends what hangs.
run_case() {
	CLOCHE_STATE_DIR=$work/state "$work/cloche" exec --root=cow --ids=full --user=root --cwd=/ \
		--wall="$2" --timeout=10m -- sh "$work/ci/$(basename "$0")" --inside "$1" \
		>"$work/said" 2>&1
}

cases >"$work/cases"
while read -r name start program package; do
	case " $* " in
	'  ' | *" $name "*) ;;
	*) continue ;;
	esac
	if ! is_there "$program" "$package" </dev/null; then
		echo "skipped: $name: there is no $program"
		skipped=$((skipped + 1))
	elif run_case "$name" "$start" </dev/null; then
		echo "passed: $name"
		passed=$((passed + 1))
	else
		echo "failed: $name"
		sed 's/^/    /' "$work/said"
		failed=$((failed + 1))
	fi
done <"$work/cases"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
