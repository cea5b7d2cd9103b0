// Package image makes container images without a container engine: archives in
// the layout of `docker save`, from Debian packages and our own files. The same
// inputs give the same bytes, and what hasn't changed isn't made again.
package image

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Spec describes what one archive holds. In every string, ${name} stands for a
// value given on the command line.
type Spec struct {
	// Tags name the image, unless Versions does.
	Tags []string `json:"tags"`
	// Packages of Debian, with all they depend on, are the lowest layer.
	Packages []string `json:"packages"`
	// The rest is one layer upon that.
	Folders []Folder          `json:"folders"`
	Files   []File            `json:"files"`
	Links   map[string]string `json:"links"` // path: target
	// Versions makes one image of each version, which differ in one small file.
	Versions *Versions `json:"versions"`
	Config   Config    `json:"config"`
}

// Folder is one to be made, or filled with the folder From on this machine.
type Folder struct {
	Path  string `json:"path"`
	From  string `json:"from"`
	Mode  Mode   `json:"mode"`
	Owner Owner  `json:"owner"`
}

// File is copied From this machine, or holds Lines.
type File struct {
	Path  string   `json:"path"`
	From  string   `json:"from"`
	Lines []string `json:"lines"`
	Mode  Mode     `json:"mode"`
	Owner Owner    `json:"owner"`
}

// Versions says in which file an image finds its version, and how it's tagged
// (${version} stands for it).
type Versions struct {
	Path string   `json:"path"`
	List []string `json:"list"`
	Tags []string `json:"tags"`
}

// Config is how containers of the image start, as Docker writes it.
type Config struct {
	User       string   `json:"User,omitempty"`
	Env        []string `json:"Env,omitempty"`
	Entrypoint []string `json:"Entrypoint,omitempty"`
	Cmd        []string `json:"Cmd,omitempty"`
	WorkingDir string   `json:"WorkingDir,omitempty"`
}

// Mode is a file mode, in octal, as chmod takes it.
type Mode int64

// UnmarshalText reads it.
func (m *Mode) UnmarshalText(text []byte) error {
	value, err := strconv.ParseInt(string(text), 8, 32)
	if err != nil || value < 0 || value > 0o7777 {
		return fmt.Errorf("%q isn't an octal file mode", text)
	}
	*m = Mode(value)
	return nil
}

// Owner is a user's and a group's number, written UID:GID.
type Owner struct{ UID, GID int }

// UnmarshalText reads it.
func (o *Owner) UnmarshalText(text []byte) error {
	user, group, _ := strings.Cut(string(text), ":")
	uid, userErr := strconv.Atoi(user)
	gid, groupErr := strconv.Atoi(group)
	if err := errors.Join(userErr, groupErr); err != nil {
		return fmt.Errorf("%q isn't an owner like 1000:1000", text)
	}
	*o = Owner{uid, gid}
	return nil
}

// Read reads the spec at path. Relative paths in it are relative to its folder.
func Read(path string, values map[string]string) (Spec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Spec{}, fmt.Errorf("reading the image's description: %w", err)
	}
	spec, err := Parse(data, values)
	if err != nil {
		return Spec{}, fmt.Errorf("%s: %w", path, err)
	}
	here := filepath.Dir(path)
	for i := range spec.Files {
		spec.Files[i].From = relativeTo(here, spec.Files[i].From)
	}
	for i := range spec.Folders {
		spec.Folders[i].From = relativeTo(here, spec.Folders[i].From)
	}
	return spec, nil
}

func relativeTo(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

// Parse decodes a spec, putting in values.
func Parse(data []byte, values map[string]string) (Spec, error) {
	var missing []string
	expanded := os.Expand(string(data), func(name string) string {
		if name == "version" {
			return "${version}" // for each image in turn, later
		}
		value, known := values[name]
		if flag := "--set " + name + "=..."; !known && !slices.Contains(missing, flag) {
			missing = append(missing, flag)
		}
		quoted, err := json.Marshal(value)
		if err != nil {
			return "" // a string always has JSON
		}
		return string(bytes.Trim(quoted, `"`))
	})
	if len(missing) > 0 {
		return Spec{}, fmt.Errorf("add %s", strings.Join(missing, " "))
	}
	decoder := json.NewDecoder(strings.NewReader(expanded))
	decoder.DisallowUnknownFields()
	var spec Spec
	if err := decoder.Decode(&spec); err != nil {
		return Spec{}, fmt.Errorf("reading the image's description: %w", err)
	}
	return spec, spec.check()
}

func (s Spec) check() error {
	if (s.Versions == nil) == (len(s.Tags) == 0) {
		return errors.New("an image has either tags or versions")
	}
	for _, path := range s.paths() {
		if !strings.HasPrefix(path, "/") || !fs.ValidPath(strings.TrimPrefix(path, "/")) {
			return fmt.Errorf("%q isn't a clean absolute path", path)
		}
	}
	for _, file := range s.Files {
		if (file.From == "") == (file.Lines == nil) {
			return fmt.Errorf("%s needs either from or lines", file.Path)
		}
	}
	if s.Versions != nil {
		return s.Versions.check()
	}
	return nil
}

// validVersion is what may be part of a tag, and of a file's name.
var validVersion = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

func (v Versions) check() error {
	for _, version := range v.List {
		if !validVersion.MatchString(version) {
			return fmt.Errorf("%q can't be a version in a tag", version)
		}
	}
	return nil
}

// UseVersions replaces the versions that the description lists.
func (s *Spec) UseVersions(list []string) error {
	if s.Versions == nil {
		return errors.New("this image has no versions")
	}
	s.Versions.List = list
	return s.Versions.check()
}

func (s Spec) paths() []string {
	var paths []string
	for _, folder := range s.Folders {
		paths = append(paths, folder.Path)
	}
	for _, file := range s.Files {
		paths = append(paths, file.Path)
	}
	for link := range s.Links {
		paths = append(paths, link)
	}
	if s.Versions != nil {
		paths = append(paths, s.Versions.Path)
	}
	return paths
}
