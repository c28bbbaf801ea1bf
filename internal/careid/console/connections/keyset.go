package connections

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
)

// keySetTime is how long somebody who saves a client waits for its key set.
const keySetTime = 4 * time.Second

// keySetNext says what happens after the key set of a client could not be used.
const keySetNext = " We read it again whenever the client asks for a token, so nothing has to be saved here once it " +
	"is mended."

// registeredText says what became of a client that was registered, and what was found at the address of its key set.
func (c *Connections) registeredText(ctx context.Context, one client.Client) string {
	problem := c.keySetProblem(ctx, one)
	if problem == "" {
		return "The client is registered, on trial: your team can log in to it at once."
	}
	return "The client is registered, on trial. Nobody can log in to it yet: " + problem + "." + keySetNext
}

// keySetText follows what is said of settings that were saved: what was found at a new address of the key set, if that
// is nothing that works.
func (c *Connections) keySetText(ctx context.Context, before, one client.Client) string {
	if one.JWKSURI == before.JWKSURI {
		return ""
	}
	problem := c.keySetProblem(ctx, one)
	if problem == "" {
		return ""
	}
	return " Nobody can log in with the new key set yet: " + problem + "." + keySetNext
}

// keySetProblem reads the key set that a client publishes, and says what is wrong with it; nothing if it works, or if
// the client publishes none.
func (c *Connections) keySetProblem(ctx context.Context, one client.Client) string {
	if one.JWKSURI == "" || one.UsesSecret() {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, keySetTime)
	defer cancel()
	text, err := c.fetch.Bytes(ctx, one.JWKSURI, nil)
	var status *fetch.StatusError
	switch {
	case errors.As(err, &status):
		return fmt.Sprintf("the address of its key set answered with status %d", status.Status)
	case err != nil:
		return "the address of its key set could not be reached from here"
	}
	set, err := jwt.ParseSet(text)
	switch {
	case err != nil:
		return "at the address of its key set, " + strings.TrimPrefix(err.Error(), "read key set: ")
	case !set.WorksWith(one.Algorithm):
		return fmt.Sprintf("none of the keys at the address of its key set works with %s", one.Algorithm)
	}
	return ""
}
