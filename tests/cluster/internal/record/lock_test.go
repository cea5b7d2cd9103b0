package record

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestLockIsExclusive(t *testing.T) {
	t.Setenv(RootVariable, filepath.Join(t.TempDir(), "root"))
	first, err := Acquire(context.Background(), "one", nil)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := Acquire(context.Background(), "two", nil); err != nil {
		t.Errorf("another cluster: %v", err)
	} else {
		other.Remove()
	}

	waited := false
	short, cancel := context.WithTimeout(context.Background(), 3*lockRetry)
	defer cancel()
	if _, err := Acquire(short, "one", func() { waited = true }); !errors.Is(err, context.DeadlineExceeded) || !waited {
		t.Errorf("while it's held: error %v, waited %v", err, waited)
	}
	first.Release()
	again, err := Acquire(context.Background(), "one", nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Remove()
	if _, err := os.Stat(Root()); !os.IsNotExist(err) {
		t.Errorf("the last lock has left %s behind (%v)", Root(), err)
	}
}

// The file is removed by each holder, so others may hold the lock of a file
// that's no longer there. Never may two hold it at once.
func TestLockIsExclusiveWhileItsFileComesAndGoes(t *testing.T) {
	t.Setenv(RootVariable, filepath.Join(t.TempDir(), "root"))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var holders, most int
	var mu sync.Mutex
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		holders += by
		most = max(most, holders)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 3 {
				lock, err := Acquire(ctx, "one", nil)
				if err != nil {
					t.Error(err)
					return
				}
				count(1)
				time.Sleep(time.Millisecond)
				count(-1)
				lock.Remove()
			}
		}()
	}
	group.Wait()
	if most != 1 {
		t.Errorf("%d held the lock at once", most)
	}
}
