package record

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, valid := range map[string]bool{
		"hookgate": true, "a": true, "e2e-1": true,
		"": false, "-a": false, "a-": false, "A": false, "../x": false, "a/b": false, "a b": false,
		"a-name-of-25-characters-xx": false,
	} {
		if err := CheckName(name); (err == nil) != valid {
			t.Errorf("CheckName(%q) = %v", name, err)
		}
	}
}

func TestRecordSurvivesSaving(t *testing.T) {
	t.Setenv(RootVariable, t.TempDir())
	if _, found, err := Load("one"); found || err != nil {
		t.Fatalf("before saving: found %v, error %v", found, err)
	}
	saved := New("one")
	saved.Port, saved.Node = 4711, &Process{PID: 12, Start: 34, Boot: "56"}
	if err := saved.Save(); err != nil {
		t.Fatal(err)
	}
	loaded, found, err := Load("one")
	if err != nil || !found {
		t.Fatalf("found %v, error %v", found, err)
	}
	if loaded.Port != saved.Port || *loaded.Node != *saved.Node || loaded.Cgroup != saved.Cgroup {
		t.Errorf("loaded %+v, saved %+v", loaded, saved)
	}
	if names, err := Names(); err != nil || len(names) != 1 || names[0] != "one" {
		t.Errorf("Names() = %v, %v", names, err)
	}
}

func TestFolderWithoutRecordIsFound(t *testing.T) {
	t.Setenv(RootVariable, t.TempDir())
	if err := os.Mkdir(Folder("one"), 0o755); err != nil {
		t.Fatal(err)
	}
	r, found, err := Load("one")
	if !found || err != nil || r.Node != nil || r.Cgroup == "" {
		t.Errorf("Load = %+v, %v, %v", r, found, err)
	}
}

// What a record says is killed and removed: so it must be the right one.
func TestForeignAndDamagedRecordsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"of another cluster":        `{"name":"two","cgroup":"hookgate-cluster-two"}`,
		"with somebody's cgroup":    `{"name":"one","cgroup":"system.slice"}`,
		"cut off":                   `{"name":"one"`,
		"empty":                     ``,
		"without anything being in": `{}`,
	} {
		if _, err := Parse("one", []byte(text)); err == nil {
			t.Errorf("a record %s was accepted", name)
		}
	}
}

func TestRootCanBeMoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(RootVariable, dir)
	if got := Folder("x"); got != filepath.Join(dir, "x") {
		t.Errorf("Folder = %s", got)
	}
	t.Setenv(RootVariable, "")
	if got := Folder("x"); got != "/var/lib/hookgate-cluster/x" {
		t.Errorf("Folder = %s", got)
	}
}
