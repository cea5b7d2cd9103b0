// Package record keeps what a later command needs to find, or to clear away,
// what an earlier one has started. It lies in one folder for the whole machine,
// so that another checkout finds it too.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
)

// RootVariable names the environment variable that moves the machine-wide
// folder, for tests of the tests.
const RootVariable = "HOOKGATE_CLUSTER_ROOT"

// File is the record's name in a cluster's folder.
const File = "record.json"

const defaultRoot = "/var/lib/hookgate-cluster"

// Record is what is known of one cluster. Everything else it has made (its
// network and mount namespaces, its mounts and its processes) ends with Node,
// or lies in its folder.
type Record struct {
	Name string `json:"name"`
	// Cgroup is the name of its folder in every cgroup hierarchy.
	Cgroup string `json:"cgroup"`
	// Port is where its API server answers on the host's 127.0.0.1.
	Port int `json:"port,omitempty"`
	// Node is the first process of its PID namespace; none before it's started.
	Node *Process `json:"node,omitempty"`
	// Ready is set once `up` has succeeded.
	Ready bool `json:"ready"`
}

// Root is the machine-wide folder that holds every cluster's own.
func Root() string {
	if root := os.Getenv(RootVariable); root != "" {
		return root
	}
	return defaultRoot
}

var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$`)

// CheckName says what is wrong with a name that can't be used in paths.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q can't name a cluster: use up to 24 of a-z, 0-9 and inner dashes", name)
	}
	return nil
}

// Folder is where everything of the cluster called name lies.
func Folder(name string) string { return filepath.Join(Root(), name) }

// New is the record of a cluster of which nothing exists yet.
func New(name string) Record { return Record{Name: name, Cgroup: "hookgate-cluster-" + name} }

// Load reads the record of the cluster called name; found is false when there
// is nothing of it. A folder without a record was left by a command that died
// before it had begun anything else.
func Load(name string) (r Record, found bool, err error) {
	data, err := os.ReadFile(path(name))
	if errors.Is(err, fs.ErrNotExist) {
		_, statErr := os.Stat(Folder(name))
		return New(name), statErr == nil, nil
	}
	if err != nil {
		return Record{}, false, fmt.Errorf("reading the record of cluster %s: %w", name, err)
	}
	r, err = Parse(name, data)
	return r, err == nil, err
}

// Parse decodes a record and refuses one that speaks of another cluster.
func Parse(name string, data []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return Record{}, fmt.Errorf("%s is damaged (remove it if you know that nothing of the cluster is left): %w", path(name), err)
	}
	if r.Name != name || r.Cgroup != New(name).Cgroup {
		return Record{}, fmt.Errorf("%s is not the record of cluster %s", path(name), name)
	}
	return r, nil
}

// Save replaces the record on disk in one step.
func (r Record) Save() error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the record of cluster %s: %w", r.Name, err)
	}
	if err := os.MkdirAll(Folder(r.Name), 0o755); err != nil {
		return fmt.Errorf("making the folder of cluster %s: %w", r.Name, err)
	}
	temporary := path(r.Name) + ".new"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the record of cluster %s: %w", r.Name, err)
	}
	if err := os.Rename(temporary, path(r.Name)); err != nil {
		return fmt.Errorf("writing the record of cluster %s: %w", r.Name, err)
	}
	return nil
}

// Names lists the clusters of this machine, dead ones included.
func Names() ([]string, error) {
	entries, err := os.ReadDir(Root())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing clusters: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && CheckName(entry.Name()) == nil {
			names = append(names, entry.Name())
		}
	}
	sort.Strings(names)
	return names, nil
}

func path(name string) string { return filepath.Join(Folder(name), File) }
