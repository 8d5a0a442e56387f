package main

import (
	"archive/tar"
	"bytes"
	"os"
)

const accounts = "root:x:0:0:root:/:/bin/sh\nstandin:x:65532:65532:standin:/tmp:/bin/sh\n"
const groups = "root:x:0:\nstandin:x:65532:\n"

// The names under which manifests start a data store, or ask after its health.
var aliases = []string{
	"pg_isready", "redis-cli", "mongosh", "rabbitmq-diagnostics",
	"postgres", "redis-server", "mongod", "influxd", "rabbitmq-server", "docker-entrypoint.sh",
}

// rootFilesystem is the one layer of every image, as a tar.
func rootFilesystem(standin, busybox string, applets []string) ([]byte, error) {
	program, err := os.ReadFile(standin)
	if err != nil {
		return nil, err
	}
	shell, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	l := &layer{}
	l.tar = tar.NewWriter(&l.bytes)
	for _, folder := range []string{"bin", "etc", "usr", "usr/bin", "var", "var/lib"} {
		l.folder(folder, 0o755)
	}
	l.folder("tmp", 0o1777)
	l.file("etc/passwd", []byte(accounts), 0o644)
	l.file("etc/group", []byte(groups), 0o644)
	l.file("standin", program, 0o755)
	l.file("bin/busybox", shell, 0o755)
	l.link("pause", "/standin")
	for _, alias := range aliases {
		l.link("usr/bin/"+alias, "/standin")
	}
	for _, applet := range applets {
		if applet != "busybox" {
			l.link("bin/"+applet, "/bin/busybox")
		}
	}
	l.note(l.tar.Close())
	return l.bytes.Bytes(), l.failure
}

// layer keeps the first failure, so that its callers read as a list of what is inside.
type layer struct {
	bytes   bytes.Buffer
	tar     *tar.Writer
	failure error
}

func (l *layer) note(err error) {
	if l.failure == nil {
		l.failure = err
	}
}

func (l *layer) add(header tar.Header, content []byte) {
	header.Size = int64(len(content))
	l.note(l.tar.WriteHeader(&header))
	_, err := l.tar.Write(content)
	l.note(err)
}

func (l *layer) folder(name string, mode int64) {
	l.add(tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode}, nil)
}

func (l *layer) file(name string, content []byte, mode int64) {
	l.add(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode}, content)
}

func (l *layer) link(name, target string) {
	l.add(tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, nil)
}
