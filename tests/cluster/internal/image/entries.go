package image

import (
	"archive/tar"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// entry is one path of a layer.
type entry struct {
	path    string // without the leading slash
	kind    byte   // of package tar
	mode    int64
	owner   Owner
	target  string // of a symbolic link
	source  string // the file on this machine that it's copied from,
	content []byte // or what it holds
}

// ours are the entries that a spec asks for beside its packages.
func (s Spec) ours() ([]entry, error) {
	var entries []entry
	for _, folder := range s.Folders {
		entries = append(entries, entry{path: inside(folder.Path), kind: tar.TypeDir,
			mode: orDefault(folder.Mode, 0o755), owner: folder.Owner})
		if folder.From != "" {
			below, err := tree(folder.From, inside(folder.Path), folder.Owner)
			if err != nil {
				return nil, err
			}
			entries = append(entries, below...)
		}
	}
	for _, file := range s.Files {
		e := entry{path: inside(file.Path), kind: tar.TypeReg, mode: orDefault(file.Mode, 0o644), owner: file.Owner}
		if file.From != "" {
			e.source = file.From
		} else {
			e.content = []byte(strings.Join(file.Lines, "\n") + "\n")
		}
		entries = append(entries, e)
	}
	for link, target := range s.Links {
		entries = append(entries, entry{path: inside(link), kind: tar.TypeSymlink, mode: 0o777, target: target})
	}
	return entries, nil
}

func inside(path string) string { return strings.TrimPrefix(path, "/") }

func orDefault(mode Mode, otherwise int64) int64 {
	if mode == 0 {
		return otherwise
	}
	return int64(mode)
}

// tree lists what is below the folder from, to be put below the path to.
func tree(from, to string, owner Owner) ([]entry, error) {
	var entries []entry
	err := filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil || file == from {
			return err
		}
		relative, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		e := entry{path: path.Join(to, filepath.ToSlash(relative)), owner: owner, mode: unixMode(info.Mode())}
		switch {
		case d.IsDir():
			e.kind = tar.TypeDir
		case info.Mode()&fs.ModeSymlink != 0:
			e.kind = tar.TypeSymlink
			if e.target, err = os.Readlink(file); err != nil {
				return err
			}
		case info.Mode().IsRegular():
			e.kind, e.source = tar.TypeReg, file
		default:
			return fmt.Errorf("%s is neither a file, a folder nor a link", file)
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the folder %s: %w", from, err)
	}
	return entries, nil
}

// unixMode is the mode as tar has it; Go keeps the three upper bits elsewhere.
func unixMode(mode fs.FileMode) int64 {
	bits := int64(mode.Perm())
	for flag, bit := range map[fs.FileMode]int64{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if mode&flag != 0 {
			bits |= bit
		}
	}
	return bits
}
