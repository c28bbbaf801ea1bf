package frame

import (
	"context"
	"net/http"
	"strings"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
)

type languageKey struct{}

// languageCookie keeps the language of a sign-in until the browser closes, for pages outside a sign-in.
const languageCookie = "language"

// SetLanguage sets the language in which a request is answered to the one that a service asked for.
func (f Frame) SetLanguage(w http.ResponseWriter, r *http.Request, locales []string) *http.Request {
	l := f.Words.Match(locales...)
	before := web.Cookie(r, languageCookie)
	if before != l.Tag() && (before != "" || l.Tag() != words.British) {
		web.SetCookie(w, languageCookie, l.Tag(), 0)
	}
	return r.WithContext(context.WithValue(r.Context(), languageKey{}, l))
}

// Language gives the language in which a request is answered: that of its sign-in, or else the one that the request
// asks for, or else that of the browser's last sign-in, or else British English.
func (f Frame) Language(r *http.Request) words.Language {
	if l, known := r.Context().Value(languageKey{}).(words.Language); known {
		return l
	}
	requested := strings.Fields(r.URL.Query().Get("ui_locales"))
	return f.Words.Match(append(requested, web.Cookie(r, languageCookie))...)
}
