// Package attach asks for the files of a ticket, lists them, and gives them to be saved. None is ever shown within a
// page: strangers send them.
package attach

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Name is that of the field.
const Name = "files"

// MaxBytes is how large a request with files may be: as many as one message has, and what is typed.
const MaxBytes = ticket.MaxFiles*ticket.MaxFileSize + 192<<10

// Field asks for files.
func Field() form.Field {
	return form.Files(nhsuk.InputParams{
		Name: Name, Label: nhsuk.LabelParams{Text: "Files (optional)", Size: "s"},
		Hint: "Up to 3, such as a picture of the page: PDF, PNG, JPEG or text, each of at most 5 megabytes. Cover " +
			"names of patients",
		Attributes: map[string]any{"accept": ".pdf,.png,.jpg,.jpeg,.txt,.log,.csv"},
	})
}

// Read gives the files that were chosen.
func Read(r *http.Request) (files []ticket.NewFile, err error) {
	for _, sent := range web.FilesOf(r, Name) {
		content, err := contentOf(sent)
		if err != nil {
			return nil, err
		}
		files = append(files, ticket.NewFile{Name: sent.Filename, Content: content})
	}
	return files, nil
}

func contentOf(sent *multipart.FileHeader) ([]byte, error) {
	file, err := sent.Open()
	if err != nil {
		return nil, fmt.Errorf("open a file that was sent: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(file, ticket.MaxFileSize+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read a file that was sent: %w", err)
	}
	return content, nil
}

// Send gives a file to be saved. A browser that opens it nevertheless lets nothing in it act.
func Send(w http.ResponseWriter, f ticket.Opened) error {
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("Content-Length", strconv.Itoa(len(f.Content)))
	if _, err := w.Write(f.Content); err != nil {
		return fmt.Errorf("send file of ticket: %w", err)
	}
	return nil
}

// Link is a file that can be saved.
type Link struct{ Name, What, Href string }

// Links lists files whose addresses begin alike.
func Links(files []ticket.File, at string) (list []Link) {
	for _, f := range files {
		list = append(list, Link{Name: f.Name, Href: at + "/" + f.ID, What: f.TypeName() + ", " + sizeText(f.Size)})
	}
	return list
}

// sizeText words a size as people read it.
func sizeText(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return strconv.FormatInt(bytes, 10) + " bytes"
	case bytes < 1<<20:
		return strconv.FormatInt((bytes+1<<9)>>10, 10) + " KB"
	}
	return strconv.FormatFloat(float64(bytes)/(1<<20), 'f', 1, 64) + " MB"
}
