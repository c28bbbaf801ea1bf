package double

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/session"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// storm is many logout tokens at once to one client.
type storm struct {
	Client  string `json:"client"`  // its id; the only one if there is one
	Person  string `json:"person"`  // whose sessions the tokens name
	Count   int    `json:"count"`   // tokens sent in all
	Repeats int    `json:"repeats"` // how many of them were sent before, word for word
}

// stormed is how the client answered.
type stormed struct {
	Sent     int            `json:"sent"`
	Distinct int            `json:"distinct"`
	Answers  map[string]int `json:"answers"` // how many of each status; "none" where there was no answer
}

const maxTokens = 1000 // of a storm

func (s storm) check() error {
	if s.Count < 1 || s.Count > maxTokens {
		return fault.OfField("count", fmt.Sprintf("Enter how many logout tokens to send, from 1 to %d", maxTokens))
	}
	if s.Repeats < 0 || s.Repeats >= s.Count {
		return fault.OfField("repeats", "Enter how many of them are repeats, fewer than count")
	}
	return nil
}

// sendStorm sends a storm and counts the answers. It ends no session.
func (d *Double) sendStorm(ctx context.Context, s storm) (stormed, error) {
	if err := s.check(); err != nil {
		return stormed{}, err
	}
	c, err := d.client(ctx, s.Client)
	if err != nil {
		return stormed{}, err
	}
	tokens, err := d.logoutTokens(ctx, c, s)
	if err != nil {
		return stormed{}, err
	}
	answers := d.sendAll(ctx, c.BackchannelLogoutURI, tokens)
	return stormed{Sent: s.Count, Distinct: s.Count - s.Repeats, Answers: answers}, nil
}

var errClient = fault.SayCure(fault.NotFound, "There is no such client with a backchannel_logout_uri.",
	"Give the client_id of one in the file that has a backchannel_logout_uri.")

func (d *Double) client(ctx context.Context, id string) (client.Client, error) {
	if id == "" && len(d.o.File.Clients) == 1 {
		id = d.o.File.Clients[0].ID
	}
	for _, one := range d.o.File.Clients {
		if one.ID != id || one.BackchannelLogoutURI == "" {
			continue
		}
		return db.Read(ctx, d.db, func(r db.R) (client.Client, error) { return client.ByID(ctx, r, id) })
	}
	return client.Client{}, errClient
}

// logoutTokens makes the tokens of a storm, as the provider makes them: for the person's sessions in turn, or
// for one that is over if there is none.
func (d *Double) logoutTokens(ctx context.Context, c client.Client, s storm) ([]string, error) {
	p, err := d.people.find(s.Person)
	if err != nil {
		return nil, err
	}
	sessions, err := d.sessionsOf(ctx, p)
	if err != nil {
		return nil, err
	}
	if len(sessions) == 0 {
		sessions = []session.Session{{SID: random.Secret()}}
	}
	signing, there := d.provider.Keys().For(c.IDTokenAlgorithm)
	if !there {
		return nil, fmt.Errorf("there is no %s key to sign with", c.IDTokenAlgorithm)
	}
	distinct := s.Count - s.Repeats
	now := d.clock.Now()
	tokens := make([]string, 0, s.Count)
	for n := range distinct {
		over := backchannel.Logout{
			Issuer: d.o.Issuer, Client: c.ID, Subject: p.uuid, SID: sessions[n%len(sessions)].SID,
		}
		token, err := over.Token(signing, now)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token)
	}
	for n := range s.Repeats {
		tokens = append(tokens, tokens[n%distinct])
	}
	return tokens, nil
}

// atOnce is how many tokens of a storm are under way together.
const atOnce = 8

func (d *Double) sendAll(ctx context.Context, address string, tokens []string) map[string]int {
	answers := map[string]int{}
	mu := sync.Mutex{}
	waiting := make(chan string)
	var senders sync.WaitGroup
	for range atOnce {
		senders.Go(func() {
			for token := range waiting {
				status := d.tell(ctx, address, token)
				mu.Lock()
				answers[status]++
				mu.Unlock()
			}
		})
	}
	for _, token := range tokens {
		waiting <- token
	}
	close(waiting)
	senders.Wait()
	return answers
}

// tell sends one token and gives the status of the answer.
func (d *Double) tell(ctx context.Context, address, token string) string {
	body := url.Values{"logout_token": {token}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return "none"
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := d.fetch.Do(r)
	if err != nil {
		return "none"
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection can be used again
	return fmt.Sprint(res.StatusCode)
}
