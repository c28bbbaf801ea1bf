package linking

import (
	"errors"
	"net/http"

	ceremony "signpost/internal/dos/linking"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

const undoSeconds = 15 * 60

const undonePath = frame.UndoPath + "/done"

var (
	undoForm = form.Form{Path: frame.UndoPath, Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "username", Label: nhsuk.LabelParams{Text: "Directory of Services username", Size: "s"},
			Autocomplete: "username", Spellcheck: "false", Autocapitalize: "none", Width: 20,
		}).Required("Enter your Directory of Services username"),
	}}
	undoCodeForm = form.Form{Path: frame.UndoPath + "/code", Fields: codeform.Fields()}
)

// mountUndo adds the pages on which the holder of an account undoes its link without logging in: only the
// Care Identity that was linked could. Mailed codes have limits of their own, which hold on all nodes: one of an
// address would let a stranger in the same building keep the holder from typing theirs.
func (l *Linking) mountUndo(s *web.Site) {
	s.Handle("GET "+undoForm.Path, l.frame.MaybeSignedIn(), l.undo)
	l.frame.HandleForm(s, undoForm, l.frame.MaybeSignedIn(), l.mailUndo)
	s.Handle("GET "+undoCodeForm.Path, l.frame.MaybeSignedIn(), l.undoCode)
	l.frame.HandleForm(s, undoCodeForm, l.frame.MaybeSignedIn(), l.mailedUndoCode().Answer)
	s.Handle("GET "+undonePath, web.Once(l.frame.MaybeSignedIn()), l.undone)
}

func (l *Linking) undo(w http.ResponseWriter, r *http.Request) error {
	return l.askUndo(w, r, http.StatusOK, undoForm.New(r))
}

func (l *Linking) askUndo(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	err := l.linker.FindUndo(r.Context(), web.Cookie(r, frame.UndoCookie))
	over := errors.Is(err, fault.Expired) || errors.Is(err, ceremony.ErrFinished)
	if err != nil && !over {
		return err
	}
	v := undoView{Page: l.frame.Page(w, r, "Undo a link"), Form: typed, Waiting: !over}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, undoPage(v))
}

func (l *Linking) mailUndo(w http.ResponseWriter, r *http.Request) error {
	typed := undoForm.Read(r)
	if !typed.Complete() {
		return l.askUndo(w, r, http.StatusUnprocessableEntity, typed)
	}
	cookie, err := l.linker.AskUndo(r.Context(), web.Actor(r), typed.Value("username"), l.frame.Known.Of(r))
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
		return l.askUndo(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.UndoCookie, cookie, undoSeconds)
	return web.SeeOther(w, r, undoCodeForm.Path, "")
}

func (l *Linking) undoCode(w http.ResponseWriter, r *http.Request) error {
	cookie := web.Cookie(r, frame.UndoCookie)
	if cookie == "" { // nothing was begun here
		return web.SeeOther(w, r, undoForm.Path, "")
	}
	if err := l.linker.FindUndo(r.Context(), cookie); err != nil {
		return undoProblem(w, r, err)
	}
	return l.mailedUndoCode().Ask(w, r)
}

func (l *Linking) askUndoCode(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := undoCodeView{Page: l.frame.Page(w, r, "Enter the code from the email"), Form: typed}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, undoCodePage(v))
}

// mailedUndoCode makes the page on which the code is typed that undoes a link.
func (l *Linking) mailedUndoCode() codeform.Page {
	return codeform.Page{Form: undoCodeForm, Show: l.askUndoCode, Fail: undoProblem,
		SendAgain: func(r *http.Request) error {
			return l.linker.SendUndoCodeAgain(r.Context(), web.Actor(r), web.Cookie(r, frame.UndoCookie))
		},
		Use: func(r *http.Request, code string) error {
			return l.linker.UndoByCode(r.Context(), web.Actor(r), web.Cookie(r, frame.UndoCookie), code)
		},
		Done: func(w http.ResponseWriter, r *http.Request) error {
			return web.SeeOnce(w, r, undonePath)
		},
	}
}

// undoProblem answers a request that came second with the page that the first was answered with.
func undoProblem(w http.ResponseWriter, r *http.Request, err error) error {
	if errors.Is(err, ceremony.ErrFinished) {
		return web.SeeOnce(w, r, undonePath)
	}
	return err
}

// undone says of which account the link was undone on this browser.
func (l *Linking) undone(w http.ResponseWriter, r *http.Request) error {
	v := undoneView{Page: l.frame.Page(w, r, "The link is undone")}
	a, err := l.linker.Undone(r.Context(), web.Cookie(r, frame.UndoCookie))
	if err != nil && !errors.Is(err, fault.Expired) {
		return err
	}
	v.Help, err = db.Read(r.Context(), l.linker.DB, func(read db.R) (page.Help, error) {
		return frame.AdministratorsOf(r.Context(), read, a)
	})
	if err != nil {
		return err
	}
	v.Account = a.Name()
	v.Username = a.Username
	web.ClearCookie(w, frame.UndoCookie)
	return web.Show(w, r, http.StatusOK, undonePage(v))
}
