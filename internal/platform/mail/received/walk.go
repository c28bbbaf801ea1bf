package received

import (
	"encoding/base64"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
)

// walk goes through the parts of a mail.
type walk struct {
	texts  []string
	html   bool // the texts were made of HTML
	files  []File
	report Report
	parts  *int // how many there were so far, in all of the mail
}

// part reads a part, and the parts within it.
func (w *walk) part(h header, body io.Reader, depth int) {
	if *w.parts++; *w.parts > maxParts || depth > maxDepth {
		return
	}
	kind, parameters := h.mediaType()
	name, attached := h.fileName()
	if strings.HasPrefix(kind, "multipart/") && parameters["boundary"] != "" {
		w.several(kind, multipart.NewReader(body, parameters["boundary"]), depth)
		return
	}
	body = unwrapped(h, body)
	switch {
	case kind == "message/delivery-status":
		content, _ := readSome(body, maxText)
		w.report = readReport(content)
	case !attached && name == "" && kind == "text/plain":
		content, _ := readSome(body, maxText)
		w.texts = append(w.texts, inUnicode(content, parameters["charset"]))
	case !attached && name == "" && kind == "text/html":
		content, _ := readSome(body, maxText)
		w.texts = append(w.texts, textOf(inUnicode(content, parameters["charset"])))
		w.html = true
	default:
		w.file(File{Name: name, Inline: !attached}, kind, body)
	}
}

// file keeps a file. Of a report it is the mail that is reported about, which is nobody's.
func (w *walk) file(f File, kind string, body io.Reader) {
	if len(w.files) == maxFiles || w.report.Found() {
		return
	}
	if f.Name == "" {
		f.Name = strings.ReplaceAll(kind, "/", ".")
	}
	f.Content, f.TooLarge = readSome(body, MaxFile)
	if f.TooLarge {
		f.Content = nil
	}
	w.files = append(w.files, f)
}

// several reads the parts of a part. Of alternatives, the plain text is what was written, if there is one.
func (w *walk) several(kind string, r *multipart.Reader, depth int) {
	var texts []string
	var html bool
	for {
		p, err := r.NextRawPart()
		if err != nil {
			break // there is no more, or none that can be read
		}
		one := walk{parts: w.parts, report: w.report, files: w.files}
		one.part(header(p.Header), p, depth+1)
		w.files = one.files
		w.report = one.report
		if kind != "multipart/alternative" {
			w.texts = append(w.texts, one.texts...)
			continue
		}
		if blank(texts) || html && !one.html && !blank(one.texts) {
			texts = one.texts
			html = one.html
		}
	}
	w.texts = append(w.texts, texts...)
	w.html = html
}

func blank(texts []string) bool { return strings.TrimSpace(strings.Join(texts, "")) == "" }

// unwrapped undoes how a part was encoded for the way.
func unwrapped(h header, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(h.get("Content-Transfer-Encoding"))) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}
