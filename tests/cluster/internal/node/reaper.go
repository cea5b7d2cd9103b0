package node

import (
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// reaper collects the children of this process: those it has started, and, as
// it's the first of its PID namespace, those of others that have died before
// them. os/exec can't be used beside it: they would rob each other.
type reaper struct {
	mu      sync.Mutex
	waiting map[int]chan syscall.WaitStatus
}

// theReaper is the only one of this process: two would rob each other too.
var theReaper = sync.OnceValue(func() *reaper {
	r := &reaper{waiting: map[int]chan syscall.WaitStatus{}}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCHLD)
	go func() {
		for range signals {
			r.reap()
		}
	}()
	return r
})

// start starts a process and returns where its end will be told.
func (r *reaper) start(path string, argv []string, attr *syscall.ProcAttr) (<-chan syscall.WaitStatus, error) {
	// Under the lock, so that it can't be collected before it's noted.
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := syscall.ForkExec(path, argv, attr)
	if err != nil {
		return nil, err
	}
	ended := make(chan syscall.WaitStatus, 1)
	r.waiting[pid] = ended
	return ended, nil
}

// reap collects all children that have ended: one signal may stand for many.
func (r *reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || pid == 0 {
			return
		}
		if ended, ours := r.waiting[pid]; ours {
			delete(r.waiting, pid)
			ended <- status // has room for it
		}
	}
}
