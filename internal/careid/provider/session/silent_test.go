package session_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
)

// silent is a mail server that takes connections and says nothing.
func silent(t *testing.T) *mail.SMTP {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var taken []net.Conn
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			taken = append(taken, conn)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
		for _, conn := range taken {
			_ = conn.Close()
		}
	})
	address := listener.Addr().(*net.TCPAddr)
	return &mail.SMTP{Host: "127.0.0.1", Port: address.Port, From: "cim@signpost.invalid", Plain: true}
}

// The sessions of a suspended identity end at once, however much mail waits for a server that says nothing.
func TestSessionsEndWhileTheMailServerIsSilent(t *testing.T) {
	w := open(t)
	person := w.Person(population.Person{GivenName: "Ada", FamilyName: "Okafor", Email: "ada@nhs.net"})
	begun := w.begin(person.ID, "", authn.AAL2)
	ws := job.NewWorkers()
	post := mail.New(w.DB, w.Box, silent(t), ws)
	w.all.Work(ws)
	w.Jobs = jobtest.Run(t, w.DB, ws)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = w.Jobs.Stop(ctx) // it says that mail is still being delivered
	})
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 60 {
			if err := post.Send(ctx, u, mail.Message{Kind: "test", To: fmt.Sprintf("a%d@nhs.net", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	w.Must(identity.Move(t.Context(), w.DB, herself, person.ID, identity.Suspend, "left"))
	limit := time.After(5 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for w.live(begun) {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("the session still works after 5 seconds")
		}
	}
}
