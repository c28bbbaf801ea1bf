package request

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
)

// usernameFor gives a username that nobody has, made of somebody's name, or of their address if that has no plain
// letters.
func usernameFor(ctx context.Context, r db.R, t Typed) (string, error) {
	base := usernameOf(t)
	for n := 1; ; n++ {
		username := base
		if n > 1 {
			username += strconv.Itoa(n)
		}
		_, err := account.ByUsername(ctx, r, username)
		if errors.Is(err, fault.NotFound) {
			return username, nil
		}
		if err != nil {
			return "", err
		}
	}
}

func usernameOf(t Typed) string {
	parts := []string{plain(t.FirstName), plain(t.LastName)}
	if parts[0] == "" || parts[1] == "" {
		local, _, _ := strings.Cut(t.Email, "@")
		parts = []string{plain(local)}
	}
	if username := strings.Join(parts, "."); username != "" {
		return username
	}
	return "user"
}

// plain leaves the letters of a name that everybody can type.
func plain(name string) string {
	return strings.Map(func(c rune) rune {
		if c < 'a' || c > 'z' {
			return -1
		}
		return c
	}, searchname.Fold(name, -1))
}
