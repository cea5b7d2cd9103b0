package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
)

// What comes with packages and no container needs.
var pruned = []string{"usr/share/doc", "usr/share/info", "usr/share/lintian", "usr/share/locale", "usr/share/man"}

// On a Debian system these folders are links; packages still name both.
var merged = map[string]string{"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin"}

// unpackAll lists what Debian packages hold, as it lies in an installed system.
// Their maintainers' scripts aren't run.
func unpackAll(debs []string) ([]entry, error) {
	var entries []entry
	for link, target := range merged {
		entries = append(entries,
			entry{path: target, kind: tar.TypeDir, mode: 0o755},
			entry{path: link, kind: tar.TypeSymlink, mode: 0o777, target: target})
	}
	for _, deb := range debs {
		held, err := unpack(deb)
		if err != nil {
			return nil, fmt.Errorf("unpacking %s: %w", path.Base(deb), err)
		}
		entries = append(entries, held...)
	}
	return entries, nil
}

func unpack(deb string) ([]entry, error) {
	command := exec.Command("dpkg-deb", "--fsys-tarfile", deb)
	command.Stderr = os.Stderr
	files, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	entries, readErr := readTar(files)
	_, drainErr := io.Copy(io.Discard, files) // tar ends before its padding does
	return entries, errors.Join(readErr, drainErr, command.Wait())
}

// readTar lists the entries of a package's files.
func readTar(files io.Reader) ([]entry, error) {
	var entries []entry
	held := map[string][]byte{} // by path, for hard links
	archive := tar.NewReader(files)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		e := entry{path: place(header.Name), kind: header.Typeflag, mode: header.Mode & 0o7777,
			owner: Owner{header.Uid, header.Gid}, target: header.Linkname}
		switch e.kind {
		case tar.TypeReg:
			if e.content, err = io.ReadAll(archive); err != nil {
				return nil, err
			}
			held[e.path] = e.content
		case tar.TypeLink: // becomes a copy
			content, known := held[place(e.target)]
			if !known {
				return nil, fmt.Errorf("%s is a link to %s, which isn't there", e.path, e.target)
			}
			e.kind, e.target, e.content = tar.TypeReg, "", content
		case tar.TypeDir, tar.TypeSymlink:
		default:
			return nil, fmt.Errorf("%s is neither a file, a folder nor a link", e.path)
		}
		if wanted(e.path) {
			entries = append(entries, e)
		}
	}
}

// place is where a path of a package lies in an installed system.
func place(name string) string {
	clean := strings.TrimPrefix(path.Clean("/"+name), "/")
	top, rest, below := strings.Cut(clean, "/")
	if target, moved := merged[top]; moved && below {
		return target + "/" + rest
	}
	return clean
}

// wanted leaves out what is pruned, the root itself, and the folders that are links.
func wanted(name string) bool {
	if _, link := merged[name]; link || name == "" {
		return false
	}
	for _, prefix := range pruned {
		if name == prefix || strings.HasPrefix(name, prefix+"/") {
			return false
		}
	}
	return true
}
