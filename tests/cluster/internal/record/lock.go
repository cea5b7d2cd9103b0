package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Lock keeps two commands from changing the same cluster at the same time. It
// ends with the process that holds it, however that ends.
type Lock struct{ file *os.File }

const lockRetry = 100 * time.Millisecond

// Acquire waits until no other command holds the lock of the cluster called
// name; onWait is called once if it has to.
func Acquire(ctx context.Context, name string, onWait func()) (*Lock, error) {
	for {
		lock, err := tryAcquire(name)
		if err != nil || lock != nil {
			return lock, err
		}
		if onWait != nil {
			onWait()
			onWait = nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for another command on cluster %s: %w", name, ctx.Err())
		case <-time.After(lockRetry):
		}
	}
}

// tryAcquire returns no lock and no error when another process has it.
func tryAcquire(name string) (*Lock, error) {
	if err := os.MkdirAll(Root(), 0o755); err != nil {
		return nil, fmt.Errorf("making %s: %w", Root(), err)
	}
	file, err := os.OpenFile(lockPath(name), os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // another command has just removed the folder: again
	}
	if err != nil {
		return nil, fmt.Errorf("opening the lock of cluster %s: %w", name, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, fmt.Errorf("locking cluster %s: %w", name, err)
	}
	// Its last holder may have removed the file between our opening and locking
	// it: then the lock that others see is another one.
	ours, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("locking cluster %s: %w", name, err)
	}
	if theirs, err := os.Stat(lockPath(name)); err != nil || !os.SameFile(ours, theirs) {
		file.Close()
		return nil, nil
	}
	return &Lock{file: file}, nil
}

// Release gives the lock back.
func (l *Lock) Release() { l.file.Close() }

// Remove gives the lock back and leaves no trace of it, nor of the machine-wide
// folder if it's empty now.
func (l *Lock) Remove() {
	os.Remove(l.file.Name())
	os.Remove(Root()) // fails, as it should, while other clusters are there
	l.file.Close()
}

func lockPath(name string) string { return filepath.Join(Root(), name+".lock") }
