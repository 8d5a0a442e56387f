// The stand-in for every image of the platform, and the writer of its images. Standard library only.
module flowlet.test/cluster/standin

go 1.24
