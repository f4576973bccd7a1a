package tollgate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

var (
	// ErrStoreUnwritable is why New fails where the store's directory can't be used.
	ErrStoreUnwritable = errors.New("tollgate: the store can't be written")
	// ErrStoreFull is in the error of a charge that could be neither made nor kept.
	ErrStoreFull = errors.New("tollgate: the store is full")

	errNoStore = errors.New("there is no store")
)

const (
	entrySuffix   = ".json"
	partSuffix    = ".part"
	refusedFolder = "refused"
	// A client that starts must not delete what another one is writing.
	leftoverAfter = time.Minute
	blockBytes    = 4096
)

// store keeps on disk what can't be delivered yet: a file for each entry, synced before keep
// returns.
type store struct {
	dir      string
	bytesMax int64

	mu    sync.Mutex
	bytes int64
	// What each entry takes, in whole blocks.
	sizes map[string]int64
	// Entries that are being delivered at this moment.
	busy map[string]struct{}
}

// openStore fails at the start for what would otherwise fail at the first loss.
func openStore(dir string, bytesMax int64) (*store, error) {
	s := &store{dir: dir, bytesMax: bytesMax, sizes: map[string]int64{}, busy: map[string]struct{}{}}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStoreUnwritable, err)
	}
	return s, nil
}

func (s *store) prepare() error {
	if err := os.MkdirAll(filepath.Join(s.dir, refusedFolder), 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if isEntry(file) {
			s.measure(file)
		} else if isLeftover(file) {
			_ = os.Remove(filepath.Join(s.dir, file.Name()))
		}
	}
	if err := s.write("probe", []byte("{}")); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(s.dir, "probe")); err != nil {
		return err
	}
	left := s.bytesMax - s.bytes
	if free, isKnown := freeBytes(s.dir); isKnown && free < left {
		return fmt.Errorf("the disk has %d bytes left, and the store may still take %d", free, left)
	}
	return nil
}

func isLeftover(file os.DirEntry) bool {
	info, err := file.Info()
	return err == nil && strings.HasSuffix(file.Name(), partSuffix) && time.Since(info.ModTime()) > leftoverAfter
}

// keep returns once the entry is on disk. It is busy then, until release, forget or refuse.
func (s *store) keep(e *entry) error {
	text, err := e.encode()
	if err != nil {
		return err
	}
	name := e.name()
	if err := s.reserve(name, blocksOf(int64(len(text)))); err != nil {
		return err
	}
	if err := s.write(name, text); err != nil {
		s.unreserve(name)
		return err
	}
	return nil
}

func (s *store) reserve(name string, size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes-s.sizes[name]+size > s.bytesMax {
		return ErrStoreFull
	}
	s.bytes += size - s.sizes[name]
	s.sizes[name] = size
	s.busy[name] = struct{}{}
	return nil
}

func (s *store) unreserve(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, name)
	// One that was there before is still there.
	if _, err := os.Stat(filepath.Join(s.dir, name)); err == nil {
		return
	}
	s.bytes -= s.sizes[name]
	delete(s.sizes, name)
}

func (s *store) write(name string, text []byte) error {
	file, err := os.CreateTemp(s.dir, name+".*"+partSuffix)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(s.dir, name))
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return err
	}
	return syncDir(s.dir)
}

// waiting lists the entries that nobody delivers at this moment. It reads the directory, because
// another process may have delivered some, and an operator may have moved some back.
func (s *store) waiting() ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	found := map[string]struct{}{}
	for _, file := range files {
		name := file.Name()
		if !isEntry(file) {
			continue
		}
		found[name] = struct{}{}
		if _, isBusy := s.busy[name]; isBusy {
			continue
		}
		if _, isCounted := s.sizes[name]; !isCounted {
			s.measure(file)
		}
		names = append(names, name)
	}
	for name, size := range s.sizes {
		_, isFound := found[name]
		if _, isBusy := s.busy[name]; !isFound && !isBusy {
			s.bytes -= size
			delete(s.sizes, name)
		}
	}
	return names, nil
}

func isEntry(file os.DirEntry) bool {
	return strings.HasSuffix(file.Name(), entrySuffix) && !file.IsDir()
}

func (s *store) measure(file os.DirEntry) {
	info, err := file.Info()
	if err != nil {
		return // It was removed meanwhile.
	}
	s.bytes += blocksOf(info.Size())
	s.sizes[file.Name()] = blocksOf(info.Size())
}

// claim marks an entry as busy. It returns false if it is busy already, or gone.
func (s *store) claim(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, isThere := s.sizes[name]
	if _, isBusy := s.busy[name]; isBusy || !isThere {
		return false
	}
	s.busy[name] = struct{}{}
	return true
}

func (s *store) read(name string) (*entry, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return nil, err
	}
	return decodeEntry(text)
}

func (s *store) release(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, name)
}

// forget removes what was delivered. If the disk keeps the file, the entry is delivered once more, and
// charges nothing.
func (s *store) forget(name string) error {
	err := os.Remove(filepath.Join(s.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.release(name)
		return err
	}
	s.drop(name)
	return nil
}

// refuse moves what tollgate will never accept to refused/, for an operator.
func (s *store) refuse(name string) error {
	aside := filepath.Join(s.dir, refusedFolder)
	err := os.MkdirAll(aside, 0o700)
	if err == nil {
		err = os.Rename(filepath.Join(s.dir, name), filepath.Join(aside, name))
	}
	if err != nil {
		s.release(name)
		return err
	}
	s.drop(name)
	return nil
}

func (s *store) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes -= s.sizes[name]
	delete(s.sizes, name)
	delete(s.busy, name)
}

func (s *store) isFull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes+blockBytes > s.bytesMax
}

func (s *store) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sizes)
}

func blocksOf(bytes int64) int64 {
	return max(1, (bytes+blockBytes-1)/blockBytes) * blockBytes
}

func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
