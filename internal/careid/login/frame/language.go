package frame

import (
	"context"
	"net/http"
	"strings"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
)

type languageKey struct{}

// languageCookie keeps the language of a sign-in until the browser closes, for pages that know of none.
const languageCookie = "language"

// Speak lets a request be answered in the language that a service asked for.
func (f Frame) Speak(w http.ResponseWriter, r *http.Request, locales []string) *http.Request {
	l := f.Words.Match(locales...)
	if had := web.Cookie(r, languageCookie); had != l.Tag() && (had != "" || l.Tag() != words.British) {
		web.SetCookie(w, languageCookie, l.Tag(), 0)
	}
	return r.WithContext(context.WithValue(r.Context(), languageKey{}, l))
}

// Language is the language in which a request is answered: that of its sign-in, else the one that the
// request itself asks for, else that of the browser's last sign-in, else British English.
func (f Frame) Language(r *http.Request) words.Language {
	if l, known := r.Context().Value(languageKey{}).(words.Language); known {
		return l
	}
	asked := strings.Fields(r.URL.Query().Get("ui_locales"))
	return f.Words.Match(append(asked, web.Cookie(r, languageCookie))...)
}
