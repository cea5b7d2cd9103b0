package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"hookgate.dev/tests/cluster/internal/apiclient"
	"hookgate.dev/tests/cluster/internal/config"
	"hookgate.dev/tests/cluster/internal/node"
	"hookgate.dev/tests/cluster/internal/record"
)

// Layout is where the files of the cluster called name lie.
func Layout(name string) config.Layout { return config.Layout{State: record.Folder(name)} }

// Check says why a cluster isn't healthy, if it isn't.
func Check(ctx context.Context, r record.Record) error {
	if err := ended(r); err != nil {
		return err
	}
	return answers(ctx, r)
}

// ended says why a cluster will never be healthy again, if so.
func ended(r record.Record) error {
	switch {
	case r.Node == nil || !r.Node.Alive():
		return errors.New("its processes have ended")
	case !r.Ready:
		return errors.New("it has never become ready")
	}
	if stopped, err := os.ReadFile(Layout(r.Name).Stopped()); err == nil {
		return errors.New(strings.TrimSpace(string(stopped)))
	}
	return nil
}

// answers tries whether the API server and the node are ready now.
func answers(ctx context.Context, r record.Record) error {
	client, err := apiclient.New(Layout(r.Name).Kubeconfig())
	if err != nil {
		return err
	}
	if err := client.Get(ctx, "/readyz", nil); err != nil {
		return fmt.Errorf("its API server isn't ready: %w", err)
	}
	return node.Ready(client)(ctx)
}

const busyPatience = 20 * time.Second

// checkPatiently doesn't take a busy cluster for a broken one.
func checkPatiently(ctx context.Context, r record.Record) error {
	for deadline := time.Now().Add(busyPatience); ; {
		if err := ended(r); err != nil {
			return err
		}
		err := answers(ctx, r)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(time.Second)
	}
}
