package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// layer is a tar file and the SHA-256 of it.
type layer struct {
	file   string
	digest string
}

// name is the layer's own in the archive.
func (l layer) name() string { return l.digest + ".tar" }

// picture is one image of an archive.
type picture struct {
	tags   []string
	layers []layer
}

// makeLayer writes entries into file.
func makeLayer(file string, entries []entry) (layer, error) {
	out, err := os.Create(file)
	if err != nil {
		return layer{}, fmt.Errorf("making a layer: %w", err)
	}
	defer out.Close()
	hash := sha256.New()
	if err := writeTar(io.MultiWriter(out, hash), complete(entries)); err != nil {
		return layer{}, err
	}
	if err := out.Close(); err != nil {
		return layer{}, fmt.Errorf("making a layer: %w", err)
	}
	return layer{file, hex.EncodeToString(hash.Sum(nil))}, nil
}

// pictures says which images the layers make: one, or one of each version with
// a layer more. version makes that layer.
func (s Spec) pictures(layers []layer, version func(string) (layer, error)) ([]picture, error) {
	if s.Versions == nil {
		return []picture{{s.Tags, layers}}, nil
	}
	var result []picture
	for _, v := range s.Versions.List {
		last, err := version(v)
		if err != nil {
			return nil, err
		}
		var tags []string
		for _, tag := range s.Versions.Tags {
			tags = append(tags, strings.ReplaceAll(tag, "${version}", v))
		}
		result = append(result, picture{tags, append(layers[:len(layers):len(layers)], last)})
	}
	return result, nil
}

// The parts of an archive, as `docker load` and containerd read them.
type (
	manifestItem struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	imageConfig struct {
		Architecture string    `json:"architecture"`
		OS           string    `json:"os"`
		Created      time.Time `json:"created"`
		Config       Config    `json:"config"`
		RootFS       rootFS    `json:"rootfs"`
	}
	rootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	}
)

// writeArchive writes all images into one archive; layers that they share are in it once.
func writeArchive(w io.Writer, config Config, pictures []picture) error {
	archive := tar.NewWriter(w)
	written := map[string]bool{}
	var manifest []manifestItem
	for _, p := range pictures {
		item := manifestItem{RepoTags: p.tags}
		fs := rootFS{Type: "layers"}
		for _, l := range p.layers {
			item.Layers = append(item.Layers, l.name())
			fs.DiffIDs = append(fs.DiffIDs, "sha256:"+l.digest)
			if written[l.digest] {
				continue
			}
			written[l.digest] = true
			if err := writeEntry(archive, entry{path: l.name(), kind: tar.TypeReg, mode: 0o644, source: l.file}); err != nil {
				return fmt.Errorf("adding a layer to the archive: %w", err)
			}
		}
		content, err := json.Marshal(imageConfig{runtime.GOARCH, "linux", time.Unix(0, 0).UTC(), config, fs})
		if err != nil {
			return fmt.Errorf("describing an image: %w", err)
		}
		digest := sha256.Sum256(content)
		item.Config = hex.EncodeToString(digest[:]) + ".json"
		if err := writeEntry(archive, entry{path: item.Config, kind: tar.TypeReg, mode: 0o644, content: content}); err != nil {
			return fmt.Errorf("adding an image to the archive: %w", err)
		}
		manifest = append(manifest, item)
	}
	content, err := json.Marshal(manifest)
	if err != nil {
		return fmt.Errorf("describing the archive: %w", err)
	}
	if err := writeEntry(archive, entry{path: "manifest.json", kind: tar.TypeReg, mode: 0o644, content: content}); err != nil {
		return fmt.Errorf("describing the archive: %w", err)
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("ending the archive: %w", err)
	}
	return nil
}
