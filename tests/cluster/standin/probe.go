package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

// probe is a data store's own health check: 0 when the first baked port of this pod answers.
func probe(name string) int {
	address := net.JoinHostPort("127.0.0.1", bakedPorts()[0])
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	connection.Close()
	fmt.Println(success(name, address))
	return 0
}

func success(name, address string) string {
	switch name {
	case "redis-cli":
		return "PONG"
	case "pg_isready":
		return address + " - accepting connections"
	case "mongosh":
		return "{ ok: 1 }"
	}
	return "Ping succeeded"
}
