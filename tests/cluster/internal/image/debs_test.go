package image

import (
	"archive/tar"
	"bytes"
	"testing"
)

func TestPlaceMergesTheOldFolders(t *testing.T) {
	for name, want := range map[string]string{
		"./bin/bash":               "usr/bin/bash",
		"./lib/x86_64-linux-gnu/x": "usr/lib/x86_64-linux-gnu/x",
		"./lib64/ld.so":            "usr/lib64/ld.so",
		"./usr/bin/awk":            "usr/bin/awk",
		"./bin/":                   "bin",
		"./":                       "",
		"./binary":                 "binary",
		"../../etc/passwd":         "etc/passwd",
	} {
		if got := place(name); got != want {
			t.Errorf("place(%q) = %q", name, got)
		}
	}
}

func TestWanted(t *testing.T) {
	for name, want := range map[string]bool{
		"usr/share/doc": false, "usr/share/doc/bash/copyright": false, "usr/share/documents": true,
		"bin": false, "": false, "usr/bin/bash": true,
	} {
		if wanted(name) != want {
			t.Errorf("wanted(%q) = %v", name, !want)
		}
	}
}

func TestHardLinksBecomeCopies(t *testing.T) {
	var deb bytes.Buffer
	w := tar.NewWriter(&deb)
	for _, header := range []*tar.Header{
		{Name: "./bin/", Typeflag: tar.TypeDir, Mode: 0o755},
		{Name: "./bin/one", Typeflag: tar.TypeReg, Mode: 0o4755, Size: 1},
		{Name: "./bin/two", Typeflag: tar.TypeLink, Linkname: "./bin/one", Mode: 0o4755},
	} {
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if header.Size > 0 {
			if _, err := w.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := readTar(&deb)
	if err != nil || len(entries) != 2 {
		t.Fatalf("entries %+v, error %v", entries, err)
	}
	two := entries[1]
	if two.path != "usr/bin/two" || two.kind != tar.TypeReg || string(two.content) != "x" || two.mode != 0o4755 {
		t.Errorf("the link became %+v", two)
	}
}
