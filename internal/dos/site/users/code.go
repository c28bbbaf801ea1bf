package users

import (
	"encoding/base64"
	"net/http"

	"signpost/internal/platform/web"
)

// codeCookie carries the code of a leave to link from the form to the page that shows it.
const (
	codeCookie  = "dos-leave"
	codeSeconds = 60
)

func codeContext(r *http.Request, id string) string { return "leave/" + web.Actor(r).ID + "/" + id }

// sendCode gives the browser a code to show, sealed for the administrator and the account.
func (u *Users) sendCode(w http.ResponseWriter, r *http.Request, id, code string) {
	if code == "" {
		return
	}
	sealed := u.box.Seal([]byte(code), codeContext(r, id))
	web.SetCookie(w, codeCookie, base64.RawURLEncoding.EncodeToString(sealed), codeSeconds)
}

// takeCode takes the code from the browser and clears it, so that a page shows the code once.
func (u *Users) takeCode(w http.ResponseWriter, r *http.Request) string {
	cookie := web.Cookie(r, codeCookie)
	if cookie == "" {
		return ""
	}
	web.ClearCookie(w, codeCookie)
	sealed, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return "" // not from here
	}
	code, err := u.box.Open(sealed, codeContext(r, r.PathValue("id")))
	if err != nil {
		return "" // for another account, or another administrator
	}
	return string(code)
}
