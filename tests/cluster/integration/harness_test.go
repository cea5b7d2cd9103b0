//go:build integration

package integration

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const root = "/var/lib/hookgate-cluster"

func program(t *testing.T, name string) string {
	t.Helper()
	bin := os.Getenv("HOOKGATE_CLUSTER_BIN")
	if bin == "" {
		t.Fatal("run this through tests/cluster/integration-test BINDIR")
	}
	return filepath.Join(bin, name)
}

// under is a cluster under test. Names carry our pid, so that tests of another
// checkout are no matter.
type under struct {
	*testing.T
	name string
}

func newCluster(t *testing.T, suffix string) under {
	t.Helper()
	c := under{t, fmt.Sprintf("it%d-%s", os.Getpid(), suffix)}
	t.Cleanup(func() { c.run("down") })
	return c
}

// command is hookgate-cluster with the name of this one.
func (c under) command(name string, arguments ...string) *exec.Cmd {
	c.Helper()
	return exec.Command(program(c.T, "hookgate-cluster"), append([]string{name, "--name", c.name}, arguments...)...)
}

// run runs it and returns what it said.
func (c under) run(name string, arguments ...string) (stdout, stderr string, err error) {
	c.Helper()
	var out, said bytes.Buffer
	command := c.command(name, arguments...)
	command.Stdout, command.Stderr = &out, &said
	err = command.Run()
	return strings.TrimSpace(out.String()), said.String(), err
}

// must runs it and fails the test if that fails.
func (c under) must(name string, arguments ...string) (stdout, stderr string) {
	c.Helper()
	stdout, stderr, err := c.run(name, arguments...)
	if err != nil {
		c.Fatalf("%s %s: %v\n%s%s", name, c.name, err, stdout, stderr)
	}
	return stdout, stderr
}

// kubectl runs on the host, outside the cluster's namespaces, and fails the test if that fails.
func (c under) kubectl(stdin string, arguments ...string) string {
	c.Helper()
	output, err := c.tryKubectl(stdin, arguments...)
	if err != nil {
		c.Fatal(err)
	}
	return output
}

// tryKubectl is for what may fail at first.
func (c under) tryKubectl(stdin string, arguments ...string) (string, error) {
	c.Helper()
	command := exec.Command(program(c.T, "kubectl"), arguments...)
	command.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(root, c.name, "kubeconfig"))
	command.Stdin = strings.NewReader(stdin)
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("kubectl %s: %w\n%s", strings.Join(arguments, " "), err, output)
	}
	return string(output), nil
}

// upUntil starts `up`, sends signal when it has said its nth line (0: at once),
// and waits for its end.
func (c under) upUntil(lines int, signal os.Signal) (stderr string) {
	c.Helper()
	command := c.command("up")
	pipe, err := command.StderrPipe()
	if err != nil {
		c.Fatal(err)
	}
	if err := command.Start(); err != nil {
		c.Fatal(err)
	}
	said := bufio.NewScanner(pipe)
	var all []string
	for i := 0; i < lines && said.Scan(); i++ {
		all = append(all, said.Text())
	}
	if err := command.Process.Signal(signal); err != nil {
		c.Fatalf("it had ended before it was to be killed: %v\n%s", err, strings.Join(all, "\n"))
	}
	for said.Scan() {
		all = append(all, said.Text())
	}
	if err := command.Wait(); err == nil {
		c.Fatalf("up ended well in spite of %s", signal)
	}
	return strings.Join(all, "\n")
}

// nodePID is the recorded first process of the cluster.
func (c under) nodePID() int {
	c.Helper()
	data, err := os.ReadFile(filepath.Join(root, c.name, "record.json"))
	if err != nil {
		c.Fatal(err)
	}
	var record struct{ Node struct{ PID int } }
	if err := json.Unmarshal(data, &record); err != nil {
		c.Fatal(err)
	}
	return record.Node.PID
}

func (c under) kill(pid int) {
	c.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		c.Fatalf("killing %d: %v", pid, err)
	}
}

// eventually tries for as long as a busy machine may take.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", what, err)
}

func runProgram(path string, arguments ...string) (output string, err error) {
	text, err := exec.Command(path, arguments...).CombinedOutput()
	return string(text), err
}
