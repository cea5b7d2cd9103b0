//go:build integration

package integration

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Two pods behind a Service, and one to ask them from.
const pods = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: hookgate.dev/probe:1
        args: [serve, ":8080"]
        readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: claim}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: asker}
spec:
  containers:
  - name: asker
    image: hookgate.dev/probe:1
    args: [serve, ":8080"]
    volumeMounts: [{name: data, mountPath: /data}]
  volumes:
  - name: data
    persistentVolumeClaim: {claimName: claim}
`

func TestPodsServicesAndDNS(t *testing.T) {
	before := machine(t)
	c := newCluster(t, "pods")
	kubeconfig, _ := c.must("up", "--volumes", "2")
	if want := filepath.Join(root, c.name, "kubeconfig"); kubeconfig != want {
		t.Errorf("up printed %q instead of %q", kubeconfig, want)
	}
	c.must("load", program(t, "probe.tar"))
	c.kubectl(pods, "apply", "-f", "-")
	c.kubectl("", "rollout", "status", "deployment/web", "--timeout=300s")
	c.kubectl("", "wait", "--for=condition=Ready", "pod/asker", "--timeout=300s")

	// Asked often enough, the Service answers from both: one is reached from the
	// asker, and one of the two from itself.
	for _, from := range []string{"pod/asker", "deployment/web"} {
		eventually(t, "both pods through the Service from "+from, func() error {
			url := "http://web.default.svc.cluster.local"
			answers, err := c.tryKubectl("", "exec", from, "--", "/probe", "get", url, url, url, url, url, url, url, url)
			if err != nil {
				return err
			}
			different := map[string]bool{}
			for line := range strings.Lines(answers) {
				different[line] = true
			}
			if len(different) != 2 {
				return fmt.Errorf("%d different answers:\n%s", len(different), answers)
			}
			return nil
		})
	}
	if got := c.kubectl("", "exec", "asker", "--", "/probe", "resolve", "kubernetes.default"); !strings.Contains(got, "10.96.0.1") {
		t.Errorf("the API server's name is %s", got)
	}
	if got := c.kubectl("", "version"); !strings.Contains(got, "Server Version: v1.34.") {
		t.Errorf("version: %s", got)
	}

	again, said := c.must("up")
	if again != kubeconfig || !strings.Contains(said, "is up already") {
		t.Errorf("a second up printed %q and said %q", again, said)
	}
	status, _ := c.must("status")
	if !strings.Contains(status, "healthy") || !strings.Contains(status, "audit.log") {
		t.Errorf("status: %s", status)
	}
	if audit, err := os.ReadFile(filepath.Join(root, c.name, "audit", "audit.log")); err != nil || !strings.Contains(string(audit), `"userAgent":"kubectl/`) {
		t.Errorf("kubectl's requests aren't in the audit log (%v)", err)
	}
	c.must("down")
	c.must("down") // a second time is no error
	compare(t, before, machine(t))
	gone(c)
}

// gone checks that nothing of the cluster is in the machine-wide folder.
func gone(c under) {
	c.Helper()
	left, _ := filepath.Glob(filepath.Join(root, c.name+"*"))
	if len(left) > 0 {
		c.Errorf("left behind: %v", left)
	}
}

func TestUpAfterBeingKilledAnywhere(t *testing.T) {
	before := machine(t)
	c := newCluster(t, "killed")
	for lines := range 5 { // it says five lines
		c.upUntil(lines, syscall.SIGKILL)
		eventually(t, "a node whose `up` was killed ends by itself", func() error {
			if left := ourProcesses(); len(left) > 0 {
				return errors.New(strings.Join(left, "\n"))
			}
			return nil
		})
	}
	_, said := c.must("up")
	if !strings.Contains(said, "clearing away") {
		t.Errorf("up didn't say what it found: %s", said)
	}

	c.kill(c.nodePID())
	// The kernel takes a moment to end all that is in the node.
	eventually(t, "status says that a killed cluster has ended", func() error {
		if _, said, err := c.run("status"); err == nil || !strings.Contains(said, "ended") {
			return fmt.Errorf("it says: %s (%v)", said, err)
		}
		return nil
	})
	if _, said, err := c.run("load", program(t, "probe.tar")); err == nil || !strings.Contains(said, "run `hookgate-cluster up") {
		t.Errorf("loading into a killed cluster: %s (%v)", said, err)
	}
	c.must("up")

	for _, process := range ourProcesses() {
		if pid, name, _ := strings.Cut(process, " "); strings.Contains(name, "kube-scheduler") {
			var number int
			if _, err := fmt.Sscan(pid, &number); err != nil {
				t.Fatal(err)
			}
			c.kill(number)
		}
	}
	eventually(t, "status notices that the scheduler was killed", func() error {
		if _, said, err := c.run("status"); err == nil || !strings.Contains(said, "kube-scheduler was killed") {
			return fmt.Errorf("status: %s (%v)", said, err)
		}
		return nil
	})
	c.must("up")
	c.must("status")
	c.must("down")
	compare(t, before, machine(t))
	gone(c)
}

func TestCtrlCLeavesNothing(t *testing.T) {
	before := machine(t)
	c := newCluster(t, "ctrl-c")
	for _, lines := range []int{0, 2, 4} {
		said := c.upUntil(lines, os.Interrupt)
		if lines > 0 && !strings.Contains(said, "interrupted") {
			t.Errorf("it said: %s", said)
		}
		compare(t, before, machine(t))
		gone(c)
	}
}

func TestTwoSideBySide(t *testing.T) {
	before := machine(t)
	one, two := newCluster(t, "one"), newCluster(t, "two")
	// Two commands for one name, and one for another, at the same time.
	ended := make(chan string)
	for _, c := range []under{one, one, two} {
		go func() {
			if _, said, err := c.run("up"); err != nil {
				ended <- fmt.Sprintf("up %s: %v\n%s", c.name, err, said)
			} else {
				ended <- ""
			}
		}()
	}
	for range 3 {
		if failed := <-ended; failed != "" {
			t.Error(failed)
		}
	}
	for _, c := range []under{one, two} {
		c.must("load", program(t, "probe.tar"))
		c.kubectl("", "run", "pod", "--image=hookgate.dev/probe:1", "--", "serve", ":8080")
	}
	for _, c := range []under{one, two} {
		c.kubectl("", "wait", "--for=condition=Ready", "pod/pod", "--timeout=300s")
	}
	one.must("down")
	two.must("status")
	two.kubectl("", "exec", "pod", "--", "/probe", "get", "http://127.0.0.1:8080")
	two.must("down")
	compare(t, before, machine(t))
	gone(one)
	gone(two)
}

func TestUnknownProgramNameFailsLoudly(t *testing.T) {
	link := filepath.Join(t.TempDir(), "kube-nothing")
	if err := os.Symlink(program(t, "kubernetes"), link); err != nil {
		t.Fatal(err)
	}
	output, err := runProgram(link)
	if err == nil || !strings.Contains(output, `"kube-nothing"`) || !strings.Contains(output, "kube-apiserver") {
		t.Errorf("it said %q (%v)", output, err)
	}
}
