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
	"strings"
)

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
