// Package image makes container images without a container engine: archives in
// the layout of `docker save`, from Debian packages and our own files. The same
// inputs give the same bytes, and what hasn't changed isn't made again.
package image

import (
	"errors"
	"fmt"
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
