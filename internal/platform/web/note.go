package web

import (
	"fmt"
	"net/http"
)

// LeaveNote lets a browser keep, for a minute and sealed for whoever is logged in, what one of the next pages says
// once. Nobody can make it up, and no address has it.
func LeaveNote(w http.ResponseWriter, r *http.Request, name string, value any) error {
	kept, ok := noteCookie(r, name)
	if !ok {
		return fmt.Errorf("the note %s is left outside a site that can seal it", name)
	}
	return kept.Set(w, value)
}

// TakeNote reads what LeaveNote left for whoever is logged in, once, and reports whether there was anything. A HEAD
// uses nothing up.
func TakeNote(w http.ResponseWriter, r *http.Request, name string, value any) bool {
	kept, ok := noteCookie(r, name)
	if !ok || Cookie(r, kept.Name) == "" {
		return false
	}
	if r.Method != http.MethodHead {
		kept.Clear(w)
	}
	return kept.Read(r, value)
}

func noteCookie(r *http.Request, name string) (kept SealedCookie, ok bool) {
	s := note(r.Context()).site
	if s == nil || s.o.Box == nil {
		return kept, false
	}
	context := "note/" + s.o.Name + "/" + name + "/" + Actor(r).ID
	return SealedCookie{Box: s.o.Box, Name: "note-" + name, Context: context, Seconds: flashSeconds}, true
}
