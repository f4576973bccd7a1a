// Modulezip packs the module for a file proxy: `go run ./internal/modulezip <version> <folder>`, in
// the module's folder. With GOPROXY=file://<folder> in front, `go get
// tollgate.internal/client@<version>` finds it.
package main

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const module = "tollgate.internal/client"

// What a gateway doesn't need.
var leftOut = map[string]bool{"build": true, "conformance": true, "internal": true}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: modulezip <version> <folder>")
	}
	if err := pack(os.Args[1], filepath.Join(os.Args[2], module, "@v")); err != nil {
		log.Fatal(err)
	}
}

func pack(version, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	goMod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	info := fmt.Sprintf(`{"Version": %q, "Time": %q}`, version, time.Now().UTC().Format(time.RFC3339))
	for name, text := range map[string][]byte{
		"list": []byte(version + "\n"), version + ".info": []byte(info), version + ".mod": goMod,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return zipTo(filepath.Join(folder, version+".zip"), module+"@"+version+"/")
}

func zipTo(path, prefix string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	add := func(from, name string) error {
		text, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		entry, err := archive.Create(prefix + name)
		if err != nil {
			return err
		}
		_, err = entry.Write(text)
		return err
	}
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && leftOut[entry.Name()]:
			return filepath.SkipDir
		case entry.IsDir() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		return add(path, filepath.ToSlash(path))
	})
	if err != nil {
		return err
	}
	if err := add("../../LICENSE", "LICENSE"); err != nil {
		return err
	}
	return archive.Close()
}
