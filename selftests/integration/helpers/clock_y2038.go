// SPDX-License-Identifier: MIT

// Sets the clock to the last second of a signed 32-bit time_t, and sees it pass.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

func main() {
	before := time.Now().Unix()
	if exec.Command("date", "-s", "@2147483647").Run() != nil {
		os.Exit(2)
	}
	for time.Now().Unix() <= 2147483647 {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println(before, time.Now().UTC().Year())
	fmt.Println("crossed", time.Now().Unix())
}
