package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"
)

const crashesBeforeHealing = 2

// misbehave ends the process in the way that $STANDIN_MODE asks for, or returns and lets it serve.
func misbehave(mode string) {
	switch mode {
	case "crash":
		crash()
	case "crash-then-heal":
		if countStart() <= crashesBeforeHealing {
			crash()
		}
	case "exit-0":
		os.Exit(0)
	case "oom":
		exhaustMemory()
	case "", "never-ready", "slow-ready", "ignore-term":
	default:
		log.Fatalf("STANDIN_MODE: no such mode: %s", mode)
	}
}

func crash() {
	fmt.Fprintf(os.Stderr, "%s %s starts\n", service(), version())
	fmt.Fprintln(os.Stderr, "opening the ledger")
	time.Sleep(200 * time.Millisecond)
	fmt.Fprintln(os.Stderr, "panic: cannot open ledger: no such table accounts")
	os.Exit(3)
}

// countStart counts the starts in $STANDIN_STATE (an emptyDir outlives a container, its own /tmp does not).
func countStart() int {
	file := filepath.Join(env("STANDIN_STATE", os.TempDir()), "standin-starts")
	text, _ := os.ReadFile(file) // absent at the first start
	count := len(text) + 1
	if err := os.WriteFile(file, append(text, '.'), 0o666); err != nil {
		log.Fatal(err)
	}
	return count
}

func exhaustMemory() {
	const chunk = 8 << 20
	var held [][]byte
	for {
		block := make([]byte, chunk)
		for i := 0; i < chunk; i += 4096 {
			block[i] = 1 // touched, or the kernel would not count it
		}
		held = append(held, block)
		time.Sleep(time.Duration(len(held)%2) * time.Millisecond)
	}
}
