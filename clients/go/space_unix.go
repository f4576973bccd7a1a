//go:build linux || darwin

package tollgate

import "syscall"

// freeBytes is what the disk has left for this process.
func freeBytes(dir string) (bytes int64, isKnown bool) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, false
	}
	return int64(disk.Bavail) * int64(disk.Bsize), true
}
