package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"runtime"
)

const (
	layerType    = "application/vnd.oci.image.layer.v1.tar"
	configType   = "application/vnd.oci.image.config.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	indexType    = "application/vnd.oci.image.index.v1+json"
)

// config is the part of an image's configuration that the images differ in.
type config struct {
	User         string              `json:",omitempty"`
	ExposedPorts map[string]struct{} `json:",omitempty"`
	Env          []string            `json:",omitempty"`
	Entrypoint   []string            `json:",omitempty"`
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// archive is an OCI image layout in memory: blobs by their digest, and the index of the images.
type archive struct {
	blobs  map[string][]byte
	layer  descriptor
	images []descriptor
}

func newArchive() *archive { return &archive{blobs: map[string][]byte{}} }

func (a *archive) add(mediaType string, content []byte) descriptor {
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	a.blobs[digest] = content
	return descriptor{MediaType: mediaType, Digest: "sha256:" + digest, Size: len(content)}
}

func (a *archive) addLayer(content []byte) { a.layer = a.add(layerType, content) }

func (a *archive) addImage(ref string, c config) {
	configuration := a.add(configType, marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux", "config": c,
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{a.layer.Digest}},
	}))
	manifest := a.add(manifestType, marshal(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType,
		"config": configuration, "layers": []descriptor{a.layer},
	}))
	manifest.Annotations = map[string]string{"io.containerd.image.name": ref}
	a.images = append(a.images, manifest)
}

func (a *archive) write(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	out := &layer{tar: tar.NewWriter(file)}
	out.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644)
	out.file("index.json", marshal(map[string]any{
		"schemaVersion": 2, "mediaType": indexType, "manifests": a.images,
	}), 0o644)
	for digest, content := range a.blobs {
		out.file("blobs/sha256/"+digest, content, 0o644)
	}
	out.note(out.tar.Close())
	out.note(file.Close())
	return out.failure
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // plain maps and structs always marshal
	}
	return text
}
