// Package assets holds the style sheets, scripts and images of Signpost's pages
// inside the program: our own, and nhsuk-frontend's where scripts/assets.sh has
// copied them in. It knows nothing of the pages that use them.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
)

//go:embed all:files
var installed embed.FS

//go:embed all:own
var own embed.FS

// prefix is where the files are served.
const prefix = "/assets/"

// file is one file as it is served.
type file struct {
	kind    string // its media type
	whole   form
	smaller func() map[string]form // by the name of their encoding; made when the file is first asked for
}

// form is a file as it is, or made smaller.
type form struct {
	content []byte
	etag    string
}

// library is every embedded file by name, and the version of them all together.
type library struct {
	files   map[string]file
	version string
}

var all = load(installed, "files", own, "own")

// kinds are the media types we serve; the machine's own table is not asked,
// because it differs between machines.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Path gives the address of a file with the version of all of them in it, so
// that browsers may keep it for good and still fetch it anew after an upgrade.
// Files name each other by relative paths and so share the version.
func Path(name string) string { return prefix + all.version + "/" + name }

// Present tells whether nhsuk-frontend was copied in before the program was built.
func Present() bool {
	_, is := all.files["nhsuk-frontend.min.css"]
	return is
}

// load reads pairs of a file system and the folder in it whose files to serve.
func load(installed fs.FS, installedFolder string, own fs.FS, ownFolder string) library {
	l := library{files: map[string]file{}}
	l.add(installed, installedFolder)
	l.add(own, ownFolder)
	l.version = l.digest()
	return l
}

// add reads a folder. What is embedded can always be read, so a file that
// cannot is left out and answers 404.
func (l library) add(from fs.FS, folder string) {
	names, _ := fs.Glob(from, folder+"/*")
	deeper, _ := fs.Glob(from, folder+"/*/*")
	for _, name := range append(names, deeper...) {
		kind := kinds[path.Ext(name)]
		content, err := fs.ReadFile(from, name)
		if err != nil || kind == "" {
			continue
		}
		sum := sha256.Sum256(content)
		whole := form{content: content, etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
		l.files[name[len(folder)+1:]] = file{kind: kind, whole: whole, smaller: whole.smaller()}
	}
}

// digest is a short hash over the names and contents of every file.
func (l library) digest() string {
	var names []string
	for name := range l.files {
		names = append(names, name)
	}
	slices.Sort(names)
	hash := sha256.New()
	for _, name := range names {
		hash.Write([]byte(name + l.files[name].whole.etag))
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
