package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
)

// LeaveNote lets a browser keep, for a minute and sealed for whoever is logged in, what one of the next pages says
// once. Nobody can make it up, and no address has it.
func LeaveNote(w http.ResponseWriter, r *http.Request, name string, value any) error {
	s := note(r.Context()).site
	if s == nil || s.o.Box == nil {
		return fmt.Errorf("the note %s is left outside a site that can seal it", name)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("leave the note %s: %w", name, err)
	}
	sealed := s.o.Box.Seal(text, noteContext(s, r, name))
	SetCookie(w, noteCookie(name), base64.RawURLEncoding.EncodeToString(sealed), flashSeconds)
	return nil
}

// TakeNote reads what LeaveNote left for whoever is logged in, once, and reports whether there was anything. A HEAD
// uses nothing up.
func TakeNote(w http.ResponseWriter, r *http.Request, name string, value any) bool {
	kept := Cookie(r, noteCookie(name))
	s := note(r.Context()).site
	if kept == "" || s == nil || s.o.Box == nil {
		return false
	}
	if r.Method != http.MethodHead {
		ClearCookie(w, noteCookie(name))
	}
	sealed, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil {
		return false
	}
	text, err := s.o.Box.Open(sealed, noteContext(s, r, name))
	return err == nil && json.Unmarshal(text, value) == nil
}

func noteCookie(name string) string { return "note-" + name }

func noteContext(s *Site, r *http.Request, name string) string {
	return "note/" + s.o.Name + "/" + name + "/" + Actor(r).ID
}
