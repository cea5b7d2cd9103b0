// Command hookgate-cluster runs whole one-node Kubernetes clusters on this
// machine, each in namespaces of its own, and makes container images for them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"hookgate.dev/tests/cluster/internal/cluster"
)

const usage = `hookgate-cluster runs one-node Kubernetes clusters, each in namespaces of its own.

  up         [--name NAME] [--bin DIR] [--volumes N] [--timeout D]
             boots a cluster, or finds it running; prints the path of its kubeconfig
  down       [--name NAME]           ends it and removes everything of it
  status     [--name NAME]           says how it is and where its files are
  kubeconfig [--name NAME]           prints the path of its kubeconfig
  load       [--name NAME] TAR...    imports image archives
  exec       [--name NAME] CMD...    runs a command inside the node
  list                               lists the clusters of this machine
  image      --spec FILE --out TAR [--set KEY=VALUE]... [--versions V,...] [--cache DIR]
             makes an image archive

The name is "hookgate" unless given.
`

// exitUsage is what a shell command ends with that was called wrongly.
const exitUsage = 64

var commands = map[string]func(context.Context, []string) error{
	"up": up, "down": down, "status": status, "kubeconfig": kubeconfig, "load": load,
	"exec": execute, "list": list, "image": makeImage, cluster.NodeCommand: runNode,
}

// errUsage has been explained already.
var errUsage = errors.New("usage")

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		if len(os.Args) == 2 && (os.Args[1] == "help" || os.Args[1] == "--help" || os.Args[1] == "-h") {
			return
		}
		if len(os.Args) >= 2 {
			fmt.Fprintf(os.Stderr, "\nthere is no command %q\n", os.Args[1])
		}
		os.Exit(exitUsage)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	err := commands[os.Args[1]](ctx, os.Args[2:])
	cancel()
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(exitUsage)
	default:
		fmt.Fprintf(os.Stderr, "hookgate-cluster %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
