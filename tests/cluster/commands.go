package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hookgate.dev/tests/cluster/internal/cluster"
	"hookgate.dev/tests/cluster/internal/node"
	"hookgate.dev/tests/cluster/internal/record"
)

// parse reads a command's flags; most have a name among them.
func parse(command string, args []string, define func(*flag.FlagSet)) (name string, rest []string, err error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.StringVar(&name, "name", "hookgate", "the cluster's `name`")
	if define != nil {
		define(flags)
	}
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return "", nil, err
		}
		return "", nil, errUsage // flag has said why
	}
	return name, flags.Args(), record.CheckName(name)
}

func up(ctx context.Context, args []string) error {
	started := time.Now()
	o := cluster.Options{Say: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%5.1f s  %s\n", time.Since(started).Seconds(), fmt.Sprintf(format, args...))
	}}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	o.Name, _, err = parse("up", args, func(flags *flag.FlagSet) {
		flags.StringVar(&o.Bin, "bin", filepath.Dir(self), "the `folder` with the programs of the node")
		flags.IntVar(&o.Volumes, "volumes", 0, "how many persistent volumes to offer to claims without a class")
		flags.DurationVar(&o.Timeout, "timeout", 6*time.Minute, "give up after this time")
	})
	if err != nil {
		return err
	}
	if o.Bin, err = filepath.Abs(o.Bin); err != nil {
		return fmt.Errorf("finding the programs of the node: %w", err)
	}
	path, err := cluster.Up(ctx, o)
	if err != nil {
		return err
	}
	fmt.Println(path)
	return nil
}

func down(ctx context.Context, args []string) error {
	name, _, err := parse("down", args, nil)
	if err != nil {
		return err
	}
	found, err := cluster.Down(ctx, name, func() {
		fmt.Fprintf(os.Stderr, "waiting for another command on cluster %s\n", name)
	})
	if err == nil && !found {
		fmt.Fprintf(os.Stderr, "there is no cluster %s\n", name)
	}
	return err
}

func status(ctx context.Context, args []string) error {
	name, _, err := parse("status", args, nil)
	if err != nil {
		return err
	}
	r, err := cluster.Find(name)
	if err != nil {
		return err
	}
	layout := cluster.Layout(name)
	fmt.Printf("name:       %s\nAPI server: https://127.0.0.1:%d\nkubeconfig: %s\nlogs:       %s\naudit log:  %s\n",
		r.Name, r.Port, layout.Kubeconfig(), filepath.Dir(layout.Log("node")), layout.AuditLog())
	if r.Node != nil {
		fmt.Printf("process:    %d\n", r.Node.PID)
	}
	if err := cluster.Check(ctx, r); err != nil {
		fmt.Println("state:      not healthy")
		return err
	}
	fmt.Println("state:      healthy")
	return nil
}

func kubeconfig(_ context.Context, args []string) error {
	name, _, err := parse("kubeconfig", args, nil)
	if err != nil {
		return err
	}
	if _, err := cluster.Find(name); err != nil {
		return err
	}
	fmt.Println(cluster.Layout(name).Kubeconfig())
	return nil
}

func load(ctx context.Context, args []string) error {
	name, archives, err := parse("load", args, nil)
	if err != nil {
		return err
	}
	return cluster.Load(ctx, name, archives)
}

func execute(_ context.Context, args []string) error {
	name, argv, err := parse("exec", args, nil)
	if err != nil {
		return err
	}
	if len(argv) == 0 {
		argv = []string{"/bin/sh"}
	}
	return cluster.Exec(name, argv)
}

func list(context.Context, []string) error {
	names, err := record.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		state := "ended"
		if r, _, err := record.Load(name); err != nil {
			state = "damaged"
		} else if r.Node != nil && r.Node.Alive() {
			state = "running"
		}
		fmt.Printf("%-24s %s\n", name, state)
	}
	return nil
}

func runNode(_ context.Context, args []string) error {
	var o node.Options
	_, _, err := parse(cluster.NodeCommand, args, func(flags *flag.FlagSet) {
		flags.StringVar(&o.State, "state", "", "the cluster's `folder`")
		flags.StringVar(&o.Bin, "bin", "", "the `folder` with the programs of the node")
		flags.IntVar(&o.Volumes, "volumes", 0, "how many persistent volumes to offer")
		flags.DurationVar(&o.Timeout, "timeout", time.Minute, "give up after this time")
	})
	if err != nil {
		return err
	}
	return node.Run(o)
}
