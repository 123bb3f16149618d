// SPDX-License-Identifier: MIT
// Sixty minutes by a ticker; prints how many it took.
package main

import (
	"fmt"
	"time"
)

func main() {
	ticker := time.NewTicker(time.Minute)
	start := time.Now()
	for i := 0; i < 60; i++ {
		<-ticker.C
	}
	fmt.Println(int(time.Since(start).Minutes()))
}
