package provider_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Whoever read the sign-in before another request of the browser went on with it is not told that their code was
// wrong, and no wrong try is counted.
func TestAnOvertakenProofIsNotWrong(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	w.Clock.Advance(time.Minute) // the code of the binding cannot be used again
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
	id := at[len("/sign-in/"):]
	read := worldtest.Must(w.Provider.Load(t.Context(), id, b.Cookies["__Host-flow-"+id]))(t)
	if to := b.Send(at+"/code", "code", w.AppCode(t)); !strings.Contains(to, "code=") {
		t.Fatal(to)
	}
	attempt := authenticator.Attempt{State: read.State.Ceremony, Form: logintest.Values("code", w.AppCode(t))}
	proof := worldtest.Must(w.Apps.FinishProof(t.Context(), attempt))(t)
	if _, err := w.Provider.Prove(t.Context(), logintest.Desk, read, "", proof); !errors.Is(err, fault.Conflict) {
		t.Errorf("the other request, if it took the step before this one ended it: %v", err)
	}
	wrong := worldtest.Must(db.Glance(t.Context(), w.DB, func(r db.R) (int64, error) {
		return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM event WHERE kind = $1`, authenticator.WrongTry)
	}))(t)
	if wrong != 0 {
		t.Errorf("%d wrong tries", wrong)
	}
}

// An answer that was read before another request of the browser brought it and signed in is neither a copy's nor wrong.
func TestAnOvertakenAnswerIsNoCopy(t *testing.T) {
	w, key := withKey(t)
	key.Credential.Counter = 5 // one that counts its answers
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	answer := b.Touch(at, key)
	id := at[len("/sign-in/"):]
	read := worldtest.Must(w.Provider.Load(t.Context(), id, b.Cookies["__Host-flow-"+id]))(t)
	if to := b.Send(at+"/key", "answer", answer); !strings.Contains(to, "code=") {
		t.Fatal(to)
	}
	way := worldtest.Must(w.Options.Ways.Of(authn.SecurityKey))(t)
	_, err := way.FinishProof(t.Context(), authenticator.Attempt{
		DB: w.DB, Actor: logintest.Desk, Kind: authn.SecurityKey, State: read.State.Ceremony,
		Form: logintest.Values("answer", answer),
	})
	wrong, is := authenticator.AsWrongAnswer(err)
	if !is {
		t.Fatalf("the answer once more: %v", err)
	}
	if err := w.Provider.RefuseAnswer(t.Context(), logintest.Desk, read, wrong); !errors.Is(err, fault.Conflict) {
		t.Errorf("the answer once more: %v", err)
	}
	key.Credential.Counter++
	if to := w.Browser().SignIn(logintest.Request(), key); to.Query().Get("code") == "" {
		t.Errorf("the key is taken for a copy: %s", to)
	}
}
