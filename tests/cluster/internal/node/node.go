// Package node is what runs inside a cluster's namespaces. Its process is the
// first of a PID namespace of its own: when it ends, however it ends, the kernel
// ends every process of the cluster, and with the last of them go the mounts
// and networks they had made. Nothing has to be hunted for.
package node

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"hookgate.dev/tests/cluster/internal/config"
)

// Files that the process inherits, in the order of exec.Cmd.ExtraFiles.
const (
	listenerFD = 3 + iota
	lifelineFD
	progressFD
)

// Options say what to boot.
type Options struct {
	config.Layout
	Volumes int
	Timeout time.Duration
}

// Run boots the node and serves until it's told to end. It must be called in
// fresh PID, mount and network namespaces.
func Run(options Options) error {
	if os.Getpid() != 1 {
		return fmt.Errorf("this command is for `up`, which starts it in namespaces of its own")
	}
	lifeline := os.NewFile(lifelineFD, "lifeline")
	progress := progressWriter{os.NewFile(progressFD, "progress")}
	if err := awaitGo(lifeline); err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	kept := make(chan error, 1)
	go func() { kept <- awaitKeep(lifeline) }()

	booted := make(chan error, 1)
	go func() { booted <- boot(ctx, options, progress) }()
	for {
		select {
		case err := <-booted:
			progress.done(err)
			if err != nil {
				return err
			}
			booted = nil // never again
		case err := <-kept:
			if err != nil {
				return err // `up` is gone, and nobody wants this node any more
			}
			kept = nil
		case <-ctx.Done():
			return nil
		}
	}
}

// boot starts everything, in order, each thing as soon as it can start.
func boot(ctx context.Context, options Options, progress progressWriter) error {
	ctx, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	if err := isolate(options.Layout); err != nil {
		return err
	}
	listener, err := net.FileListener(os.NewFile(listenerFD, "listener"))
	if err != nil {
		return fmt.Errorf("taking over the listening socket: %w", err)
	}
	go forward(listener, fmt.Sprintf("127.0.0.1:%d", config.APIServerPort))

	supervisor := newSupervisor(options.Layout)
	if err := setUpNetwork(supervisor, options.Layout); err != nil {
		return err
	}
	progress.step("network, mounts and processes of its own")
	b := booter{Options: options, supervisor: supervisor, progress: progress}
	return b.boot(ctx)
}
