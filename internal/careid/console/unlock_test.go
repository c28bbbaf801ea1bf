package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/tries/triestest"
)

// locked makes a person whose key is locked, and gives its id.
func (w *world) locked(name, address string) (uuid, key string) {
	w.Helper()
	uuid = w.helped(name, address)
	w.Must(w.DB.View(w.Context(), func(r db.R) error {
		list, err := authenticator.OfIdentity(w.Context(), r, uuid)
		key = list[0].ID
		return err
	}))
	w.lock(key, tries.Browser{})
	return uuid, key
}

func (w *world) lock(key string, browser tries.Browser) {
	w.Helper()
	for range authenticator.MaxWrongTries {
		err := w.DB.Update(w.Context(), actor.Actor{Kind: actor.Stranger}, func(u *db.W) error {
			return careidtest.WrongTry(w.Context(), u, key, browser)
		})
		if err == nil {
			w.Fatal("a wrong try was not refused")
		}
	}
}

func (w *world) isLocked(uuid string) bool {
	w.Helper()
	locks, err := db.Read(w.Context(), w.DB, func(r db.R) (map[string]any, error) {
		all, err := authenticator.Locks(w.Context(), r, uuid)
		found := map[string]any{}
		for id, ends := range all {
			found[id] = ends
		}
		return found, err
	})
	w.Must(err)
	return len(locks) > 0
}

// The desk ends a lock, with a reason; its owner is told, and others' locks stay.
func TestTheDeskEndsALock(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid, key := w.locked("Bea", "bea@example.nhs.uk")
	other, _ := w.locked("Cy", "cy@example.nhs.uk")
	b := w.signedIn()
	at := "/desk/sessions/" + uuid + "/unlock"
	if p := b.post(at, "authenticator", key, "why", "x"); p.status != http.StatusForbidden || !w.isLocked(uuid) {
		t.Errorf("somebody without a role: %d", p.status)
	}
	role := w.assign(agent)
	b.get("/desk/sessions?find="+uuid).has(t, "Red key", "Security Key, AAL3",
		"Locked after too many wrong attempts, until 24 November 2026 at 9:05am", "Which lock do you want to end?")
	for want, form := range map[string][]string{
		"Select which lock to end":                   {"why", "x"},
		"Enter why you are ending the lock":          {"authenticator", key, "why", " "},
		"The reason must be 500 characters or fewer": {"authenticator", key, "why", strings.Repeat("x", 501)},
	} {
		if p := b.post(at, form...); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text, want) ||
			!w.isLocked(uuid) {
			t.Errorf("%q: %d %s", want, p.status, p.text)
		}
	}
	if p := b.post(at, "authenticator", key, "why", "mistyped, called back"); p.status != http.StatusSeeOther ||
		w.isLocked(uuid) || !w.isLocked(other) {
		t.Fatalf("ending the lock: %d %s; the other one: %v", p.status, p.text, w.isLocked(other))
	}
	b.get("/desk/sessions?find="+uuid).has(t, "Lock ended.", "Red key", "Active")
	b.post(at, "authenticator", key, "why", "again")
	b.get("/desk/sessions?find="+uuid).has(t, "That lock has ended already. Nothing was changed.")
	w.Settle()
	list, err := db.Read(t.Context(), w.DB, func(r db.R) ([]audit.Entry, error) {
		return audit.OfKind(t.Context(), r, "authenticator.unlocked", 10)
	})
	if err != nil || len(list) != 1 || list[0].ActorID != w.ada || list[0].Role != role ||
		list[0].Subject != authenticator.Ref(key) || list[0].Reason != "mistyped, called back" {
		t.Errorf("the event: %+v %v", list, err)
	}
	mail := w.Mails.To("bea@example.nhs.uk")
	if len(mail) != 1 || !strings.Contains(mail[0].Text, "Red key (Security Key)") {
		t.Errorf("the owner was told: %+v", mail)
	}
}

// What locks a browser that the owner used before is shown and ended too, and the role is asked for again.
func TestTheDeskSeesALockOfOneBrowser(t *testing.T) {
	w := open(t)
	w.addSupplier()
	uuid := w.helped("Bea", "bea@example.nhs.uk")
	var key string
	w.Must(w.DB.View(w.Context(), func(r db.R) error {
		list, err := authenticator.OfIdentity(w.Context(), r, uuid)
		key = list[0].ID
		return err
	}))
	w.lock(key, triestest.Browser(t, w.provider.Known(), key))
	w.assign(support)
	b := w.signedIn()
	b.get("/desk/sessions?find="+uuid).has(t, "Locked on a browser that it was used on before, until")
	by := actor.Actor{Kind: actor.Person, ID: uuid}
	if err := registration.EndLock(context.Background(), w.DB, by, uuid, key, "mine"); err == nil {
		t.Error("somebody without a role ended a lock")
	}
	b.post("/desk/sessions/"+uuid+"/unlock", "authenticator", key, "why", "called back")
	if w.isLocked(uuid) {
		t.Error("the lock of one browser was not ended")
	}
}

// Who of the desk looked at whom is recorded, with the role, once in each quarter of an hour; who was refused looked at
// nobody.
func TestTheDeskLeavesItsReadings(t *testing.T) {
	w := open(t)
	w.addSupplier()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	cy := w.helped("Cy", "cy@example.nhs.uk")
	b := w.signedIn()
	b.get("/desk/sessions?find=" + bea)
	if w.events("desk.read") != 0 {
		t.Error("somebody without a role read somebody")
	}
	role := w.assign(agent)
	for _, find := range []string{bea, bea, "bea@example.nhs.uk", cy, "nobody"} {
		b.get("/desk/sessions?find=" + find)
	}
	if n := w.events("desk.read"); n != 2 {
		t.Errorf("%d readings of two people", n)
	}
	w.Clock.Advance(15 * time.Minute)
	b = w.signedIn()
	b.get("/desk/sessions?find=" + bea)
	list, err := db.Read(t.Context(), w.DB, func(r db.R) ([]audit.Entry, error) {
		return audit.OfKind(t.Context(), r, "desk.read", 10)
	})
	if err != nil || len(list) != 3 || list[0].ActorID != w.ada || list[0].Role != role || list[0].Subject.ID != bea {
		t.Errorf("the events: %+v %v", list, err)
	}
}

// A reference that was read out leads to whoever was refused: looking it up is reading them, as opening their page is.
func TestLookingUpAReferenceIsAReading(t *testing.T) {
	w := open(t)
	w.addSupplier()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	for reference, about := range map[string]audit.Ref{"KDF72222": identity.Ref(bea), "KDF73333": client.Ref(supplier)} {
		by := actor.Actor{Kind: actor.Stranger, Request: reference, Address: "192.0.2.7"}
		w.Must(w.DB.Update(t.Context(), by, func(u *db.W) error {
			return u.RecordRefusal(t.Context(), audit.Event{Kind: "identity.move-refused", Subject: about})
		}))
	}
	w.assign(agent)
	b := w.signedIn()
	b.get("/desk/sessions?find=KDF73333").has(t, "Not known: nobody had been identified yet")
	if n := w.events("desk.read"); n != 0 {
		t.Errorf("%d readings of nobody", n)
	}
	b.get("/desk/sessions?find=KDF72222").has(t, "Bea Example")
	b.get("/desk/refusals?reference=KDF72222").has(t, "Bea Example")
	list := w.Events("desk.read")
	if len(list) != 1 || list[0].ActorID != w.ada || list[0].Subject.ID != bea {
		t.Errorf("the events: %+v", list)
	}
}
