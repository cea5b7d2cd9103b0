// Command probe is both ends of a connection between pods, for an image that
// holds nothing else:
//
//	probe serve :8080          answers every request with its host name
//	probe get URL...           fetches each, printing what came back
//	probe resolve NAME...      prints each name's addresses
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const timeout = 5 * time.Second

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: probe serve ADDRESS | get URL... | resolve NAME...")
		os.Exit(64)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func run(command string, args []string) error {
	switch command {
	case "serve":
		return serve(args[0])
	case "get":
		return each(args, get)
	case "resolve":
		return each(args, resolve)
	}
	return fmt.Errorf("there is no command %q", command)
}

func each(args []string, do func(string) error) error {
	for _, arg := range args {
		if err := do(arg); err != nil {
			return err
		}
	}
	return nil
}

func serve(address string) error {
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM, syscall.SIGINT)
	failed := make(chan error, 1)
	go func() {
		failed <- http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			name, _ := os.Hostname()
			fmt.Fprintln(w, name)
		}))
	}()
	select {
	case err := <-failed:
		return err
	case <-stopped:
		return nil
	}
}

func get(url string) error {
	// Each time a new connection, for it's connections that a Service spreads.
	client := http.Client{Timeout: timeout, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading %s: %w", url, err)
	}
	fmt.Printf("%s %s\n", response.Status, strings.TrimSpace(string(body)))
	return nil
}

func resolve(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return err
	}
	fmt.Println(name, strings.Join(addresses, " "))
	return nil
}
