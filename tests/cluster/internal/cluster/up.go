package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"hookgate.dev/tests/cluster/internal/cgroup"
	"hookgate.dev/tests/cluster/internal/config"
	"hookgate.dev/tests/cluster/internal/record"
)

// Options of a new cluster.
type Options struct {
	Name    string
	Bin     string // the folder with the programs
	Volumes int    // how many persistent volumes to offer
	Timeout time.Duration
	// Say takes one line for each thing done.
	Say func(format string, args ...any)
}

// Up boots a cluster, or finds it running, and returns its kubeconfig's path.
// Whatever a crashed one has left is cleared away first. If ctx ends before the
// cluster is up, nothing of it stays.
func Up(ctx context.Context, o Options) (kubeconfig string, err error) {
	os.Setenv("PATH", os.Getenv("PATH")+":"+systemPath)
	layout := config.Layout{State: record.Folder(o.Name), Bin: o.Bin}
	if err := preflight(layout, thisMachine()); err != nil {
		return "", err
	}
	lock, err := record.Acquire(ctx, o.Name, func() { o.Say("waiting for another command on cluster %s", o.Name) })
	if err != nil {
		return "", err
	}
	defer lock.Release()

	last, found, err := record.Load(o.Name)
	if err != nil {
		return "", err
	}
	if found {
		unhealthy := checkPatiently(ctx, last)
		if unhealthy == nil {
			o.Say("cluster %s is up already", o.Name)
			return layout.Kubeconfig(), nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		o.Say("clearing away what is left of cluster %s: %v", o.Name, unhealthy)
		if err := clear(last); err != nil {
			return "", err
		}
	}
	fresh := record.New(o.Name)
	if err := bring(ctx, o, layout, &fresh); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; nothing of the cluster is left")
		}
		if failed := clear(fresh); failed != nil {
			return "", errors.Join(err, failed)
		}
		lock.Remove()
		return "", err
	}
	return layout.Kubeconfig(), nil
}

// bring makes a cluster of which nothing exists. Each thing is in the record
// before it is made.
func bring(ctx context.Context, o Options, layout config.Layout, r *record.Record) error {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}) // any free port
	if err != nil {
		return fmt.Errorf("opening a port for the API server: %w", err)
	}
	defer listener.Close()
	r.Port = listener.Addr().(*net.TCPAddr).Port
	if err := r.Save(); err != nil {
		return err
	}
	if err := cgroup.Create(r.Cgroup); err != nil {
		return err
	}
	settings := config.Settings{Name: o.Name, Cgroup: r.Cgroup, Port: r.Port, Volumes: o.Volumes}
	if err := layout.Write(settings, time.Now()); err != nil {
		return err
	}
	node, err := spawn(layout, listener, o)
	if err != nil {
		return err
	}
	defer node.close()
	r.Node = &node.process
	if err := r.Save(); err != nil {
		return err
	}
	if err := node.boot(ctx, o.Say); err != nil {
		return err
	}
	r.Ready = true
	if err := r.Save(); err != nil {
		return err
	}
	return node.keep()
}
