package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// serve answers on every port until SIGTERM; a port that cannot be had ends it, as it would a real service.
func serve(ports []string) {
	http.HandleFunc("/", answer(readiness()))
	for _, port := range ports {
		listener, err := net.Listen("tcp", ":"+port)
		if err != nil {
			log.Fatal(err)
		}
		log.Printf("%s %s listens on %s", service(), version(), port)
		go func() { log.Fatal(http.Serve(listener, nil)) }()
	}
	awaitTerm()
}

// awaitTerm returns control to nobody: it ends the process at the first SIGTERM or SIGINT.
func awaitTerm() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	for range signals {
		if os.Getenv("STANDIN_MODE") != "ignore-term" {
			os.Exit(0)
		}
		log.Print("SIGTERM ignored")
	}
}

func answer(ready func() bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		switch {
		case path == "/metrics":
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			fmt.Fprintf(w, "# HELP up Whether the service is up.\n# TYPE up gauge\nup{service=%q,version=%q} 1\n",
				service(), version())
		case (strings.HasPrefix(path, "/health") || strings.HasPrefix(path, "/ready")) && !ready():
			write(w, http.StatusServiceUnavailable, "starting")
		default:
			write(w, http.StatusOK, "ok")
		}
	}
}

func write(w http.ResponseWriter, code int, status string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	body := map[string]string{"status": status, "service": service(), "version": version()}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

// readiness is true from the start but for never-ready, and slow-ready within its delay.
func readiness() func() bool {
	switch os.Getenv("STANDIN_MODE") {
	case "never-ready":
		return func() bool { return false }
	case "slow-ready":
		from := time.Now().Add(delay())
		return func() bool { return time.Now().After(from) }
	}
	return func() bool { return true }
}

func delay() time.Duration {
	seconds, err := time.ParseDuration(env("STANDIN_DELAY", "5") + "s")
	if err != nil {
		log.Fatalf("STANDIN_DELAY: %v", err)
	}
	return seconds
}

func service() string { return env("SERVICE_NAME", "standin") }
func version() string { return env("STANDIN_VERSION", "1") }
