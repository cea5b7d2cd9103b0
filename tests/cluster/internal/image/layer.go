package image

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"time"
)

// complete adds the folders that entries lie in, and sorts. Of two entries for
// one path the later one counts.
func complete(entries []entry) []entry {
	byPath := map[string]entry{}
	for _, e := range entries {
		byPath[e.path] = e
		for dir := path.Dir(e.path); dir != "."; dir = path.Dir(dir) {
			if _, there := byPath[dir]; !there {
				byPath[dir] = entry{path: dir, kind: tar.TypeDir, mode: 0o755}
			}
		}
	}
	result := make([]entry, 0, len(byPath))
	for _, e := range byPath {
		result = append(result, e)
	}
	sort.Slice(result, func(i, j int) bool { return result[i].path < result[j].path })
	return result
}

// writeTar writes entries in order, all with the same date.
func writeTar(w io.Writer, entries []entry) error {
	archive := tar.NewWriter(w)
	for _, e := range entries {
		if err := writeEntry(archive, e); err != nil {
			return fmt.Errorf("adding %s to a layer: %w", e.path, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("ending a layer: %w", err)
	}
	return nil
}

func writeEntry(archive *tar.Writer, e entry) error {
	header := &tar.Header{Typeflag: e.kind, Name: e.path, Linkname: e.target, Mode: e.mode,
		Uid: e.owner.UID, Gid: e.owner.GID, ModTime: time.Unix(0, 0)}
	content := io.Reader(bytes.NewReader(e.content))
	header.Size = int64(len(e.content))
	if e.kind == tar.TypeDir {
		header.Name += "/"
	}
	if e.source != "" {
		file, err := os.Open(e.source)
		if err != nil {
			return err
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return err
		}
		content, header.Size = file, info.Size()
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}
