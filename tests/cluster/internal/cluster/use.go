package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"hookgate.dev/tests/cluster/internal/config"
	"hookgate.dev/tests/cluster/internal/record"
)

// Find loads the record of a cluster that must be there.
func Find(name string) (record.Record, error) {
	r, found, err := record.Load(name)
	if err != nil {
		return record.Record{}, err
	}
	if !found {
		return record.Record{}, fmt.Errorf("there is no cluster %s: run `hookgate-cluster up --name %[1]s`", name)
	}
	return r, nil
}

// running loads the record of a cluster whose node must be alive.
func running(name string) (record.Record, error) {
	r, err := Find(name)
	if err != nil {
		return record.Record{}, err
	}
	if r.Node == nil || !r.Node.Alive() {
		return record.Record{}, fmt.Errorf("cluster %s has ended: run `hookgate-cluster up --name %[1]s`, which clears it away first", name)
	}
	return r, nil
}

// Load imports image archives.
func Load(ctx context.Context, name string, archives []string) error {
	if _, err := running(name); err != nil {
		return err
	}
	for _, archive := range archives {
		if _, err := os.Stat(archive); err != nil {
			return fmt.Errorf("loading an image: %w", err)
		}
		argv := config.LoadCommand(Layout(name), archive)
		output, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("loading %s: %w: %s", archive, err, strings.TrimSpace(string(output)))
		}
	}
	return nil
}

// Exec becomes a program inside the node's namespaces.
func Exec(name string, argv []string) error {
	r, err := running(name)
	if err != nil {
		return err
	}
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		return fmt.Errorf("%w; run tests/cluster/install-packages", err)
	}
	arguments := []string{"nsenter", fmt.Sprintf("--target=%d", r.Node.PID), "--mount", "--net", "--ipc", "--pid", "--wd=/", "--"}
	return fmt.Errorf("starting nsenter: %w", syscall.Exec(nsenter, append(arguments, argv...), os.Environ()))
}
