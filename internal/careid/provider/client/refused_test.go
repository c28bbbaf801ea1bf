package client_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
)

func TestRefusalsAreCountedAndBounded(t *testing.T) {
	w := open(t)
	note := func(r client.Refusal) {
		t.Helper()
		if err := client.NoteRefusal(t.Context(), w.DB, r); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Second)
	}
	list := func(id string) (list []client.Refusal) {
		t.Helper()
		err := w.DB.View(t.Context(), func(r db.R) (err error) {
			list, err = client.Refusals(t.Context(), r, id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	token := client.Refusal{
		ClientID: "a", Place: client.AtToken, Code: "invalid_client",
		Reason: `token's aud: expected "https://op:443", received "https://op"`,
	}
	note(token)
	note(token)
	note(client.Refusal{ClientID: "b", Place: client.AtToken, Code: "invalid_grant", Reason: "the code has expired"})
	for n := range 70 {
		note(client.Refusal{ClientID: "a", Place: client.AtAuthorize, Reason: strings.Repeat("y", n+1)})
	}
	got := list("a")
	if len(got) != 51 || got[0].Reason != strings.Repeat("y", 70) {
		t.Fatalf("%d kept, the newest %q", len(got), got[0].Reason)
	}
	last := got[50]
	if last.Reason != token.Reason || last.Times != 2 || !last.First.Equal(nine) ||
		!last.Last.Equal(nine.Add(time.Second)) {
		t.Errorf("the one at the token endpoint: %+v", last)
	}
	if len(list("b")) != 1 {
		t.Error("the other client's is gone")
	}
}

// Anybody can name a client and fail to authenticate. That must not push out refusals of the client itself.
func TestRefusalsOfStrangersPushOutTheirOwnAlone(t *testing.T) {
	w := open(t)
	for _, tt := range []struct {
		name, place, code string
		kept              int // of the client's own, of which there was one at each place
	}{
		{"a stranger at the token endpoint", client.AtToken, "invalid_client", 2},
		{"a stranger who pushes a request", client.AtPush, "invalid_client", 2},
		{"a stranger's browser", client.AtAuthorize, "invalid_scope", 2},
		{"the client itself", client.AtToken, "invalid_grant", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			note := func(r client.Refusal) {
				t.Helper()
				r.ClientID = tt.name
				if err := client.NoteRefusal(t.Context(), w.DB, r); err != nil {
					t.Fatal(err)
				}
				w.Clock.Advance(time.Second)
			}
			note(client.Refusal{Place: client.AtToken, Code: "invalid_grant", Reason: "the code has expired"})
			note(client.Refusal{Place: client.AtPush, Code: "invalid_scope", Reason: "its own"})
			for n := range 60 {
				note(client.Refusal{Place: tt.place, Code: tt.code, Reason: strings.Repeat("y", n+1)})
			}
			var list []client.Refusal
			if err := w.DB.View(t.Context(), func(r db.R) (err error) {
				list, err = client.Refusals(t.Context(), r, tt.name)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if len(list) != 50+tt.kept {
				t.Errorf("%d are kept, want the newest 50 and %d of the client's own", len(list), tt.kept)
			}
		})
	}
}
