package console_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration/batch"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

// batchOf makes a batch of Ada's that was looked at, of one person.
func (w *world) batchOf(uuid string) (id string) {
	w.Helper()
	people := worldtest.Must(batch.Read(nil, uuid))(w)
	position := ""
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		position, err = access.AddPosition(ctx, u, access.Position{
			Organisation: "Z90001", Name: "Porter " + random.ID()[30:], Profiles: access.One("S8001:G8002:R8008"),
		})
		return err
	})
	id = worldtest.Must(w.batches.Make(w.Context(), actor.Actor{Kind: actor.Person, ID: w.ada}, batch.New{
		Act: batch.Assign, Position: position, Reason: "a new ward", People: people,
	}))(w)
	w.Settle()
	return id
}

// A manager makes a batch of a pasted list and a file, sees what would be done, and what is wrong with what they sent;
// another manager sees the same and approves it, and both see what became of it.
func TestBatchesByTwoManagers(t *testing.T) {
	w := open(t)
	w.assign(manager)
	bea := w.helped("Bea", "bea@example.nhs.uk")
	w.positionAt("Z90001")
	b := w.signedIn()
	const at = "/batches/new?at=Z90001"
	page := b.get(at)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := access.AddPosition(ctx, u, access.Position{Organisation: "ZTR", Name: "Porter",
			Profiles: access.One("S8001:G8002:R8008")})
		return err
	})
	page.has(t, "Clerk", "given on the page of each person")
	if strings.Contains(page.text, "Sponsor ") {
		t.Error("a position that takes two people is offered")
	}
	b.get("/batches/new?at=Z90002").has(t,
		"Enter the ODS code of an organisation that your registration authority serves")
	_, after, _ := strings.Cut(page.markup, `name="position"`)
	_, after, _ = strings.Cut(after, `value="`)
	position, _, _ := strings.Cut(after, `"`)
	fields := []string{"at", "Z90001", "act", "assign", "position", position, "why", "a new ward", "starts", "",
		"ends", "", "people", "", "asked-act", "", "asked-position", ""}
	b.sendsFile(at, "/batches", "file", nil, fields...).has(t, "Choose a file, or paste")
	soon := slices.Replace(slices.Clone(fields), 11, 14, "soon", "people", bea)
	b.sendsFile(at, "/batches", "file", nil, soon...).has(t, "Enter a date, for example")
	made := b.sendsFile(at, "/batches", "file", []byte("uuid\n"+bea+"\n800000000000\n"), fields...)
	w.Settle()
	one := made.location
	shown := b.get(one)
	shown.has(t, "Checked, not sent",
		"Will be done: 1 person", "Bea Example", "Refused: 1 person", "Nobody whom you look after")
	mend := b.get(one + "/refused.csv")
	if mend.status != http.StatusOK || !strings.Contains(mend.markup, "Reason,uuid") ||
		!strings.Contains(mend.markup, "800000000000") {
		t.Errorf("to mend: %d %s", mend.status, mend.markup)
	}
	if b.get(one+"/done.csv").status != http.StatusNotFound {
		t.Error("other rows are sent as a file")
	}
	b.post(one+"/next", "next", "send")
	other := w.holding("Mo", "ZTR", "R5080")
	other.get("/requests").has(t, "1 batch waits to be approved by you or another manager")
	b.get("/requests").lacks(t, "batch waits")
	seen := other.get(one)
	seen.has(t, "Waits for approval", "Will be done: 1 person", "Bea Example", "Approve it")
	other.post(one+"/next", "next", "reject").has(t, "Enter why you reject the batch")
	other.post(one+"/next", "next", "approve", "notes", "as agreed")
	w.Settle()
	b.get(one).has(t, "Done: 1 person", "as agreed", "Undo it")
	b.get("/batches").has(t, "Give a position: Clerk", "Done")
	if got := b.post(one+"/next", "next", "stop"); got.status == http.StatusOK {
		t.Errorf("stopped once it was done: %d", got.status)
	}
	w.holding("Al", "ZTR", "R5090").get(one).has(t, "This page is for")
}

// While a job works on a batch its page loads itself again without a script, unless somebody stopped that.
func TestTheProgressOfABatch(t *testing.T) {
	w := open(t)
	w.assign(manager)
	id := w.batchOf(w.helped("Bea", "bea@example.nhs.uk"))
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := u.Change(ctx, `UPDATE batch SET state = 'doing' WHERE id = $1`, id); err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "test.done", Subject: batch.Ref(id)})
	})
	b := w.signedIn()
	page := b.get("/batches/" + id)
	page.has(t, "0 of 1 person are through", "loads itself again every 5 seconds", "Stop it")
	if got := page.header.Get("Refresh"); got != "5" {
		t.Errorf("Refresh: %q", got)
	}
	still := b.get("/batches/" + id + "?reload=no")
	still.has(t, "Load this page again")
	if got := still.header.Get("Refresh"); got != "" {
		t.Errorf("Refresh: %q", got)
	}
}
