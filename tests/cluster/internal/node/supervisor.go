package node

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"

	"hookgate.dev/tests/cluster/internal/config"
)

// supervisor starts programs and, as the first process of its PID namespace,
// collects the children of others that have died before them. os/exec can't be
// used for that: two waiting for the same children would rob each other.
type supervisor struct {
	layout config.Layout
	// stopped gets the account of each program that has ended without being told to.
	stopped chan error

	mu      sync.Mutex
	waiting map[int]chan syscall.WaitStatus
}

func newSupervisor(layout config.Layout) *supervisor {
	s := &supervisor{
		layout:  layout,
		stopped: make(chan error, 16), // more than there are programs
		waiting: map[int]chan syscall.WaitStatus{},
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for range signals {
			s.reap()
		}
	}()
	return s
}

// reap collects all children that have ended: one signal may stand for many.
func (s *supervisor) reap() {
	for {
		var status syscall.WaitStatus
		// Under the lock, so that a child can't be collected before start has noted it.
		s.mu.Lock()
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		ended := s.waiting[pid]
		delete(s.waiting, pid)
		s.mu.Unlock()
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 || err != nil {
			return
		}
		if ended != nil {
			ended <- status
		}
	}
}

// start runs a program with its output in the log called name.
func (s *supervisor) start(name string, argv ...string) (<-chan syscall.WaitStatus, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	defer null.Close()
	log, err := os.OpenFile(s.layout.Log(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	defer log.Close()

	s.mu.Lock()
	defer s.mu.Unlock()
	pid, err := syscall.ForkExec(path, argv, &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{"PATH=" + os.Getenv("PATH"), "HOME=/root"},
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	ended := make(chan syscall.WaitStatus, 1)
	s.waiting[pid] = ended
	return ended, nil
}

// run runs a program to its end.
func (s *supervisor) run(name string, argv ...string) error {
	ended, err := s.start(name, argv...)
	if err != nil {
		return err
	}
	if status := <-ended; status != 0 {
		return s.account(name, status)
	}
	return nil
}

// keep starts a program that is to run as long as the node does.
func (s *supervisor) keep(program config.Program) error {
	ended, err := s.start(program.Name, program.Argv...)
	if err != nil {
		return err
	}
	go func() {
		account := s.account(program.Name, <-ended)
		note(s.layout.Stopped(), account)
		s.stopped <- account
	}()
	return nil
}
