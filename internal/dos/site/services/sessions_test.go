package services_test

import (
	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
)

// renewSessions signs both people in again, after the clock has passed their idle limit.
func renewSessions(w *world) func(u *db.W) error {
	return func(u *db.W) error {
		for username, cookie := range map[string]*string{"reader": &w.reader, "editor": &w.editor} {
			a, err := account.ByUsername(w.Context(), u, username)
			if err != nil {
				return err
			}
			if *cookie, err = signin.Sessions.Begin(w.Context(), u,
				session.New[signin.State]{Subject: a.ID}); err != nil {
				return err
			}
		}
		return nil
	}
}
