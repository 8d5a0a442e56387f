// Command standin plays any service of the platform in the throw-away cluster.
//
// It listens on $PORT, else on every port of $STANDIN_PORTS, answers 200 to all, and fails on demand ($STANDIN_MODE).
// Under the names of a data store's client it is that store's health check, so exec probes work.
package main

import (
	"os"
	"path/filepath"
	"strings"
)

func main() {
	switch filepath.Base(os.Args[0]) {
	case "pg_isready", "redis-cli", "mongosh", "rabbitmq-diagnostics":
		os.Exit(probe(filepath.Base(os.Args[0])))
	case "pause":
		awaitTerm()
	default:
		misbehave(os.Getenv("STANDIN_MODE"))
		serve(ports())
	}
}

// ports are $PORT, else $STANDIN_PORTS ("5672,15672"), else 8080.
func ports() []string {
	if port := os.Getenv("PORT"); port != "" {
		return []string{port}
	}
	return bakedPorts()
}

func bakedPorts() []string {
	list := strings.FieldsFunc(os.Getenv("STANDIN_PORTS"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(list) == 0 {
		return []string{"8080"}
	}
	return list
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
