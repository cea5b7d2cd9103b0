package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const described = `{
  "files": [
    {"path": "/usr/bin/tool", "from": "${bin}/tool", "mode": "755", "owner": "0:0"},
    {"path": "/etc/passwd", "lines": ["root:x:0:0::/:"]}
  ],
  "folders": [{"path": "/data", "mode": "1777", "owner": "1000:1000"}],
  "links": {"/usr/bin/other": "tool"},
  "versions": {"path": "/VERSION", "list": ["1", "2"], "tags": ["example.test/a:${version}", "example.test/b:${version}"]},
  "config": {"User": "1000", "Env": ["A=b"]}
}`

// project makes a folder with what the description speaks of.
func project(t *testing.T) (dir string, spec Spec) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tool"), []byte("#!tool"), 0o600); err != nil {
		t.Fatal(err)
	}
	spec, err := Parse([]byte(described), map[string]string{"bin": dir})
	if err != nil {
		t.Fatal(err)
	}
	return dir, spec
}

func build(t *testing.T, spec Spec, out string) bool {
	t.Helper()
	made, err := Build(spec, out, filepath.Join(filepath.Dir(out), "cache"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// held reads all files of a tar.
func held(t *testing.T, archive []byte) (files map[string][]byte, headers map[string]*tar.Header, order []string) {
	t.Helper()
	files, headers = map[string][]byte{}, map[string]*tar.Header{}
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files, headers, order
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name], headers[header.Name] = content, header
		order = append(order, header.Name)
	}
}

func TestArchiveLayout(t *testing.T) {
	dir, spec := project(t)
	out := filepath.Join(dir, "out.tar")
	build(t, spec, out)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	files, _, _ := held(t, data)
	var manifest []manifestItem
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest) != 2 || !slices.Equal(manifest[1].RepoTags, []string{"example.test/a:2", "example.test/b:2"}) {
		t.Fatalf("manifest: %+v", manifest)
	}
	if manifest[0].Layers[0] != manifest[1].Layers[0] || len(files) != 1+2+3 {
		t.Errorf("the versions don't share their layer: %d files, %+v", len(files), manifest)
	}
	for _, item := range manifest {
		var config imageConfig
		if err := json.Unmarshal(files[item.Config], &config); err != nil {
			t.Fatal(err)
		}
		if config.Config.User != "1000" || config.OS != "linux" {
			t.Errorf("config: %+v", config)
		}
		for i, name := range item.Layers {
			sum := sha256.Sum256(files[name])
			if want := "sha256:" + hex.EncodeToString(sum[:]); config.RootFS.DiffIDs[i] != want {
				t.Errorf("layer %d is %s, and said to be %s", i, want, config.RootFS.DiffIDs[i])
			}
		}
		version, _, _ := held(t, files[item.Layers[1]])
		if got := strings.TrimSpace(string(version["VERSION"])); !strings.HasSuffix(item.RepoTags[0], ":"+got) {
			t.Errorf("%s holds version %q", item.RepoTags[0], got)
		}
	}

	layer, headers, order := held(t, files[manifest[0].Layers[0]])
	if string(layer["usr/bin/tool"]) != "#!tool" || headers["usr/bin/tool"].Mode != 0o755 {
		t.Errorf("tool: %q, %+v", layer["usr/bin/tool"], headers["usr/bin/tool"])
	}
	if h := headers["data/"]; h == nil || h.Mode != 0o1777 || h.Uid != 1000 {
		t.Errorf("data: %+v", h)
	}
	if h := headers["usr/bin/other"]; h == nil || h.Typeflag != tar.TypeSymlink || h.Linkname != "tool" {
		t.Errorf("link: %+v", h)
	}
	if headers["usr/"] == nil || headers["usr/bin/"] == nil || !slices.IsSorted(order) {
		t.Errorf("order: %v", order)
	}
}

func TestSameInputsSameBytes(t *testing.T) {
	dir, spec := project(t)
	first, second := filepath.Join(dir, "one.tar"), filepath.Join(dir, "two.tar")
	build(t, spec, first)
	if err := os.Chtimes(filepath.Join(dir, "tool"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	build(t, spec, second)
	one, _ := os.ReadFile(first)
	two, _ := os.ReadFile(second)
	if len(one) == 0 || !bytes.Equal(one, two) {
		t.Error("two archives of the same inputs differ")
	}
}

func TestOnlyChangesAreMadeAgain(t *testing.T) {
	dir, spec := project(t)
	out := filepath.Join(dir, "out.tar")
	if !build(t, spec, out) {
		t.Error("the first time, it wasn't made")
	}
	if build(t, spec, out) {
		t.Error("it was made again although nothing had changed")
	}
	if err := os.WriteFile(filepath.Join(dir, "tool"), []byte("#!TOOL"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !build(t, spec, out) {
		t.Error("it wasn't made again although a file had changed")
	}
	spec.Config.User = "0"
	if !build(t, spec, out) {
		t.Error("it wasn't made again although its configuration had changed")
	}
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	if !build(t, spec, out) {
		t.Error("it wasn't made again although it had been removed")
	}
}
