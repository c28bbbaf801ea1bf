package login_test

import (
	"testing"

	"signpost/internal/careid/careidtest/logintest"
)

// world is a sign-in service with one client and one person.
type world struct{ *logintest.World }

func open(t *testing.T) *world {
	t.Helper()
	return &world{logintest.Open(t)}
}

// withKey makes a world whose person has a security key.
func withKey(t *testing.T) (*world, *logintest.Device) {
	t.Helper()
	w, key := logintest.WithKey(t)
	return &world{w}, key
}
