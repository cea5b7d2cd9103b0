package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"hookgate.dev/tests/cluster/internal/config"
	"hookgate.dev/tests/cluster/internal/node"
	"hookgate.dev/tests/cluster/internal/record"
)

// NodeCommand is the command of this program that runs inside the namespaces.
const NodeCommand = "node"

// started is a node whose first process runs, and waits for the word to begin.
type started struct {
	process  record.Process
	lifeline *os.File // to it
	progress *os.File // from it
}

// spawn starts the node's first process in namespaces of its own.
func spawn(layout config.Layout, listener *net.TCPListener, o Options) (_ *started, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	socket, err := listener.File()
	if err != nil {
		return nil, fmt.Errorf("handing over the port of the API server: %w", err)
	}
	defer socket.Close()
	theirLifeline, lifeline, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	defer theirLifeline.Close()
	progress, theirProgress, err := os.Pipe()
	if err != nil {
		lifeline.Close()
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	defer theirProgress.Close()
	s := &started{lifeline: lifeline, progress: progress}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	log, err := os.Create(layout.Log("node"))
	if err != nil {
		return nil, fmt.Errorf("making the node's log: %w", err)
	}
	defer log.Close()

	command := exec.Command(self, NodeCommand, "--state", layout.State, "--bin", layout.Bin,
		"--volumes", strconv.Itoa(o.Volumes), "--timeout", o.Timeout.String())
	command.Dir = "/"
	command.Stdout, command.Stderr = log, log
	command.ExtraFiles = []*os.File{socket, theirLifeline, theirProgress} // in package node's order
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC,
		Setsid:     true, // Ctrl-C is for `up`
	}
	if err := command.Start(); err != nil {
		if errors.Is(err, syscall.EPERM) {
			return nil, fmt.Errorf("starting the node: %w: namespaces of its own aren't allowed here; in a container, run it privileged", err)
		}
		return nil, fmt.Errorf("starting the node: %w", err)
	}
	if s.process, err = record.Identify(command.Process.Pid); err != nil {
		return nil, err // it ends when the lifeline is closed
	}
	go command.Wait() // it's not to stay a zombie while we live
	return s, nil
}

func (s *started) close() {
	s.lifeline.Close()
	s.progress.Close()
}

// boot lets the recorded node begin and follows it until it's ready.
func (s *started) boot(ctx context.Context, say func(string, ...any)) error {
	if err := node.Go(s.lifeline); err != nil {
		return err
	}
	interrupted := context.AfterFunc(ctx, func() { s.progress.Close() })
	defer interrupted()
	return node.Follow(s.progress, func(step string) { say("%s", step) })
}

// keep lets the node live on without this process.
func (s *started) keep() error { return node.Keep(s.lifeline) }
