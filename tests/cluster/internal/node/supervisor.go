package node

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"hookgate.dev/tests/cluster/internal/config"
)

// supervisor starts programs and notices when one ends that shouldn't.
type supervisor struct {
	layout config.Layout
	// stopped gets the account of each program that has ended without being told to.
	stopped chan error
}

func newSupervisor(layout config.Layout) *supervisor {
	const room = 16 // more than there are programs
	return &supervisor{layout: layout, stopped: make(chan error, room)}
}

// start runs a program with its output in the log called name.
func (s *supervisor) start(name string, argv []string) (<-chan syscall.WaitStatus, error) {
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
	ended, err := theReaper().start(path, argv, &syscall.ProcAttr{
		Dir:   "/",
		Env:   []string{"PATH=" + os.Getenv("PATH"), "HOME=/root"},
		Files: []uintptr{null.Fd(), log.Fd(), log.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return ended, nil
}

// run runs a program to its end.
func (s *supervisor) run(name string, argv ...string) error {
	ended, err := s.start(name, argv)
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
	ended, err := s.start(program.Name, program.Argv)
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
