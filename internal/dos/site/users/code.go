package users

import (
	"net/http"

	"signpost/internal/platform/web"
)

// newCode is a relink code, which the page of its account shows once.
type newCode struct {
	Account string `json:"account"`
	Code    string `json:"code"`
}

const codeNote = "relink-code"

// leaveCode leaves a code for the page of its account, if there is one.
func leaveCode(w http.ResponseWriter, r *http.Request, id, code string) error {
	if code == "" {
		return nil
	}
	return web.LeaveNote(w, r, codeNote, newCode{Account: id, Code: code})
}

// takeCode gives the code that was left for the page of an account, once.
func takeCode(w http.ResponseWriter, r *http.Request) string {
	var left newCode
	if !web.TakeNote(w, r, codeNote, &left) || left.Account != r.PathValue("id") {
		return ""
	}
	return left.Code
}
