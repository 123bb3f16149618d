// SPDX-License-Identifier: MIT

// Sets the clock to the last second of a signed 32-bit time_t, and sees it pass.
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn main() {
    let before = now();
    let set = Command::new("date").args(["-s", "@2147483647"]).output().unwrap();
    assert!(set.status.success());
    while now() <= 2147483647 {
        sleep(Duration::from_millis(10));
    }
    println!("{} 2038", before);
    println!("crossed {}", now());
}
