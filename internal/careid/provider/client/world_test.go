package client_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is a team with Ada in it, and Ben who is in none.
type world struct {
	*careidtest.World

	ada, ben actor.Actor
	team     string
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, nine)}
	w.Start(careidtest.Idle)
	w.ada = w.person("Ada")
	w.ben = w.person("Ben")
	var err error
	w.team, err = w.Registry().Roll().Make(t.Context(), w.ada, "  Fenmarch   Software ")
	w.Must(err)
	return w
}

func (w *world) person(name string) actor.Actor {
	w.Helper()
	return w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: "Z90001"})
}

// app is a client with a secret, as somebody would fill it in.
func app() client.Client {
	return client.Client{
		Name: "Rota", Description: "Plans rotas", Owner: "Fenmarch Software Ltd", Contact: "rota@fenmarch.example",
		AuthMethod: client.ClientSecretPost, RedirectURIs: []string{"https://rota.example/callback"},
		Scopes: []string{"openid", "profile"},
	}
}

func (w *world) create(c client.Client) (id, secret string) {
	w.Helper()
	id, secret, err := w.Registry().Create(w.Context(), w.ada, w.team, client.Supplier, c)
	if err != nil {
		w.Fatal(err)
	}
	return id, secret
}

func (w *world) read(id string) (c client.Client) {
	w.Helper()
	err := w.DB.View(w.Context(), func(r db.R) (err error) {
		c, err = client.ByID(w.Context(), r, id)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) events(ref audit.Ref) (list []audit.Entry) {
	w.Helper()
	err := w.DB.View(w.Context(), func(r db.R) (err error) {
		list, err = audit.Of(w.Context(), r, ref, 100)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) {
	w.Helper()
	w.Must(w.DB.Update(w.Context(), actor.ForCommand("test"), func(u *db.W) error { return fn(w.Context(), u) }))
}
