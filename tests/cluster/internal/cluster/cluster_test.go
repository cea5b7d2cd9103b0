package cluster

import (
	"slices"
	"strings"
	"testing"

	"hookgate.dev/tests/cluster/internal/config"
)

func TestMountsBelowIsInnermostFirstAndOnlyOurs(t *testing.T) {
	const mounts = `/dev/vda / ext4 rw 0 0
tmpfs /state/one tmpfs rw 0 0
proc /state/one/proc proc rw 0 0
tmpfs /state/one/with\040blank tmpfs rw 0 0
tmpfs /state/one-more tmpfs rw 0 0
tmpfs /elsewhere/state/one tmpfs rw 0 0
`
	want := []string{"/state/one/with blank", "/state/one/proc", "/state/one"}
	if got := mountsBelow(mounts, "/state/one"); !slices.Equal(got, want) {
		t.Errorf("mountsBelow = %q", got)
	}
}

func TestPreflightNamesEverythingThatIsMissing(t *testing.T) {
	layout := config.Layout{State: "/state", Bin: "/bin-of-ours"}
	all := func(string) bool { return true }
	if err := preflight(layout, machine{uid: 0, program: all, file: all}); err != nil {
		t.Errorf("with everything there: %v", err)
	}
	err := preflight(layout, machine{
		uid:     1000,
		program: func(name string) bool { return name != "runc" },
		file:    func(path string) bool { return path != "/usr/lib/cni/ptp" && path != "/bin-of-ours/kubelet" },
	})
	if err == nil {
		t.Fatal("nothing was missed")
	}
	for _, want := range []string{"as root", "runc; run tests/cluster/install-packages", "/usr/lib/cni/ptp; run",
		"missing in /bin-of-ours: kubelet; run tests/cluster/build /bin-of-ours"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q isn't said in: %v", want, err)
		}
	}
}
