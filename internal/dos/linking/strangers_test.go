package linking_test

import (
	"fmt"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/tries/triestest"
)

// from is a stranger in a network.
func from(network string) actor.Actor { return actor.Actor{Kind: actor.Stranger, Network: network} }

// Whatever strangers ask for and type with somebody's username, the holder of the account gets a code and undoes the
// link with it.
func TestStrangersKeepNobodyFromUndoing(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	w.link(a, person("ada", a.Email))
	mine, err := w.linker.AskUndo(t.Context(), from("192.0.2.1"), "ada", tries.Browser{})
	w.Must(err)
	code := w.code(a.Email)
	refused := 0
	for i := range 100 {
		by := from(fmt.Sprintf("198.51.100.%d", i/25))
		cookie, err := w.linker.AskUndo(t.Context(), by, "ada", tries.Browser{})
		if is(err, fault.TooMany) {
			refused++
			continue
		}
		w.Must(err)
		for try := range 6 {
			if w.linker.UndoByCode(t.Context(), by, cookie, fmt.Sprintf("BCDF234%d", try)) == nil {
				t.Fatal("a guess was taken")
			}
		}
	}
	if sent := w.Mailed("link.undo-code", a.Email); sent != 20+2*3 || refused != 75 {
		t.Errorf("%d mails, of the 20 of a day and 3 for each of 2 networks beyond it; %d refused", sent, refused)
	}
	later, err := w.linker.AskUndo(t.Context(), from("192.0.2.1"), "ada", tries.Browser{})
	w.Must(err)
	if err := w.linker.SendUndoCodeAgain(t.Context(), from("192.0.2.1"), later); err != nil {
		t.Errorf("another code: %v", err)
	}
	w.Must(w.linker.UndoByCode(t.Context(), from("192.0.2.1"), mine, code))
	if w.linked(a.ID) {
		t.Error("the link is still there")
	}
}

// A stranger in the holder's own building who asks as often as they may, for this account and for others, leaves the
// holder three ways that they cannot take: a browser on which the holder logged in before, another network, and an
// administrator.
func TestAStrangerInTheBuildingLeavesThreeWays(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	a := w.account("ada", path.Choose)
	w.settle()
	w.link(a, person("ada", a.Email))
	building := from("192.0.2.1")
	for i := range 40 {
		_, err := w.linker.AskUndo(t.Context(), building, []string{"ada", fmt.Sprint("other-", i)}[i%2], tries.Browser{})
		if err != nil && !is(err, fault.TooMany) {
			t.Fatal(err)
		}
	}
	if _, err := w.linker.AskUndo(t.Context(), building, "ada", tries.Browser{}); !is(err, fault.TooMany) {
		t.Fatalf("the building may still ask: %v", err)
	}
	own := triestest.Browser(t, tries.Known{Box: w.Box, Name: "known"}, a.ID)
	for name, ask := range map[string]func() (string, error){
		"a browser that is known": func() (string, error) { return w.linker.AskUndo(t.Context(), building, "ada", own) },
		"another network": func() (string, error) {
			return w.linker.AskUndo(t.Context(), from("192.0.2.2"), "ada", tries.Browser{})
		},
	} {
		if _, err := ask(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	by := actor.Actor{Kind: actor.Person, ID: admin.ID}
	if _, err := w.linker.Undo(t.Context(), by, a.ID, "not theirs"); err != nil || w.linked(a.ID) {
		t.Errorf("an administrator: %v", err)
	}
}

// A network asks for so many undos in all, whether there are such accounts or not, and strangers' tries for nobody are
// nowhere to be read.
func TestUndosOfNobody(t *testing.T) {
	w := newWorld(t)
	asked := 0
	for i := range 40 {
		_, err := w.linker.AskUndo(t.Context(), from("198.51.100.1"), fmt.Sprintf("Secret-%d", i), tries.Browser{})
		if err == nil {
			asked++
			continue
		}
		if !is(err, fault.TooMany) {
			t.Fatal(err)
		}
	}
	if asked != 30 {
		t.Errorf("one network asked %d times", asked)
	}
	stranger := from("198.51.100.2")
	cookie, err := w.linker.AskUndo(t.Context(), stranger, "Secret", tries.Browser{})
	w.Must(err)
	if err := w.linker.UndoByCode(t.Context(), stranger, cookie, "BCDF2345"); !is(err, fault.Invalid) {
		t.Errorf("a guess: %v", err)
	}
	w.Must(w.linker.SendUndoCodeAgain(t.Context(), stranger, cookie))
	for _, query := range []string{
		`SELECT COUNT(*) FROM event WHERE subject_id LIKE '%ecret%' OR kind LIKE '%undo%'`,
		`SELECT COUNT(*) FROM event_detail WHERE after_json LIKE '%ecret%' OR reason LIKE '%ecret%'`,
		`SELECT COUNT(*) FROM counter`,
		`SELECT COUNT(*) FROM flow WHERE state LIKE '%ecret%'`,
		`SELECT COUNT(*) FROM mailed_code WHERE subject LIKE '%ecret%'`,
	} {
		if n := w.Count(query); n != 0 {
			t.Errorf("%d: %s", n, query)
		}
	}
}

// Of all undos that were begun, the oldest makes room: strangers fill nothing.
func TestTheOldestUndoMakesRoom(t *testing.T) {
	w := newWorld(t)
	w.linker.Undoings().InAll = 2
	var cookies []string
	for i := range 3 {
		cookie, err := w.linker.AskUndo(t.Context(), from(fmt.Sprint("198.51.100.", i)), "nobody", tries.Browser{})
		w.Must(err)
		cookies = append(cookies, cookie)
	}
	for i, cookie := range cookies {
		if err := w.linker.FindUndo(t.Context(), cookie); is(err, fault.Expired) != (i == 0) {
			t.Errorf("undo %d of 3: %v", i, err)
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM flow`); n != 2 {
		t.Errorf("%d undos are kept", n)
	}
}

// Another ceremony for the same account ends nobody's code and uses up none of their tries.
func TestACodeToLinkBelongsToItsCeremony(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	mine, err := w.claim(person("ada", "ada@elsewhere.example"), "ada", goodPass)
	w.Must(err)
	code := w.code(a.Email)
	others, err := w.claim(person("other", "other@elsewhere.example"), "ada", goodPass)
	w.Must(err)
	for range 6 {
		if err := w.confirm(others, code); err == nil {
			t.Fatal("the code of another ceremony was taken")
		}
	}
	if err := w.confirm(mine, strings.ToLower(code)); err != nil {
		t.Errorf("her code: %v", err)
	}
}

// Another session's change of the address ends nobody's code and uses up none of their tries.
func TestACodeToChangeTheAddressBelongsToItsSession(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	me := actor.Actor{Kind: actor.Person, ID: a.ID, Session: "one"}
	other := actor.Actor{Kind: actor.Person, ID: a.ID, Session: "two"}
	w.Must(mailbox.Ask(t.Context(), w.DB, me, w.Post, a.ID, "ada.new@example.nhs.uk"))
	code := w.code("ada.new@example.nhs.uk")
	for range 6 {
		_ = mailbox.Ask(t.Context(), w.DB, other, w.Post, a.ID, "other@example.nhs.uk")
		if err := mailbox.Confirm(t.Context(), w.DB, other, w.Post, a.ID, code); err == nil {
			t.Fatal("the code of another session was taken")
		}
	}
	w.Must(mailbox.Confirm(t.Context(), w.DB, me, w.Post, a.ID, code))
	old := w.code("other@example.nhs.uk")
	if err := mailbox.Confirm(t.Context(), w.DB, other, w.Post, a.ID, old); !is(err, fault.Expired) {
		t.Errorf("a code of before the change: %v", err)
	}
}

// Nobody is asked for in one way, in whatever case the username is typed.
func TestUndosOfAUsernameInAnyCase(t *testing.T) {
	w := newWorld(t)
	a := w.account("MSmith", path.Choose)
	w.settle()
	w.link(a, person("msmith", a.Email))
	for _, username := range []string{"MSMITH", "nobody"} {
		asked := 0
		for i := range 12 {
			typed := strings.ToLower(username)
			if i%2 == 0 {
				typed = strings.ToUpper(username)
			}
			if _, err := w.linker.AskUndo(t.Context(), from("192.0.2.1"), typed, tries.Browser{}); err == nil {
				asked++
			}
		}
		if asked != 10 {
			t.Errorf("%s: one network may ask %d times for it", username, asked)
		}
	}
	if w.Mailed("link.undo-code", a.Email) != 10 {
		t.Error("the holder was not sent the codes")
	}
}
