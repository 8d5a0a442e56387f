// Command mkimages writes one OCI archive that holds every image of images.txt. They share one layer (the stand-in
// and busybox) and differ in their configuration, so forty of them weigh and load as one.
//
//	mkimages OUT.tar STANDIN BUSYBOX IMAGES.TXT < busybox --list
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
)

const nonRoot = "65532:65532" // what runAsNonRoot accepts without a runAsUser

type image struct{ ref, ports string }

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("usage: mkimages OUT.tar STANDIN BUSYBOX IMAGES.TXT < busybox --list")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		log.Fatal(err)
	}
}

func run(out, standin, busybox, list string) error {
	images, err := readImages(list)
	if err != nil {
		return err
	}
	applets, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	layer, err := rootFilesystem(standin, busybox, strings.Fields(string(applets)))
	if err != nil {
		return err
	}
	archive := newArchive()
	archive.addLayer(layer)
	archive.addImage("localhost/pause:1", config{Entrypoint: []string{"/pause"}, User: nonRoot})
	for _, image := range images {
		archive.addImage(image.ref, image.config())
	}
	return archive.write(out)
}

// readImages reads lines of `IMAGE_REF PORT[,PORT…]`; # begins a comment.
func readImages(name string) ([]image, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var images []image
	for lines, number := bufio.NewScanner(file), 1; lines.Scan(); number++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		switch fields := strings.Fields(text); len(fields) {
		case 0:
		case 2:
			images = append(images, image{fields[0], fields[1]})
		default:
			return nil, fmt.Errorf("%s:%d: wanted IMAGE_REF PORT[,PORT…]", name, number)
		}
	}
	return images, nil
}

func (i image) config() config {
	name, tag, _ := strings.Cut(i.ref[strings.LastIndex(i.ref, "/")+1:], ":")
	c := config{
		Entrypoint: []string{"/standin"},
		Env: []string{
			"PATH=/usr/local/bin:/usr/bin:/bin",
			"STANDIN_PORTS=" + i.ports, "SERVICE_NAME=" + name, "STANDIN_VERSION=" + tag,
		},
		ExposedPorts: map[string]struct{}{},
	}
	for _, port := range strings.Split(i.ports, ",") {
		c.ExposedPorts[port+"/tcp"] = struct{}{}
	}
	if strings.HasPrefix(i.ref, "localhost/flowlet/") { // the published data stores start as root
		c.User = nonRoot
	}
	return c
}
