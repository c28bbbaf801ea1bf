package client_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// operator makes somebody an operator.
func (w *world) operator(name string) actor.Actor {
	w.Helper()
	by := w.person(name)
	w.update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, team.Operators, by.ID) })
	return by
}

// approved gives a client that an operator has approved.
func (w *world) approved(by actor.Actor) client.Client {
	w.Helper()
	id, _ := w.create(app())
	w.Must(w.Registry().AskApproval(w.Context(), w.ada, id))
	w.Must(w.Registry().Approve(w.Context(), by, id, w.read(id).Version))
	return w.read(id)
}

func (w *world) change(c client.Client) client.Client {
	w.Helper()
	_, err := w.Registry().Change(w.Context(), w.ada, c)
	w.Must(err)
	return w.read(c.ID)
}

func TestANewClientIsOnTrialUntilAnOperatorApprovesIt(t *testing.T) {
	w := open(t)
	olive := w.operator("Olive")
	id, _ := w.create(app())
	c := w.read(id)
	if _, onTrial := c.Serving("https://rota.example/callback", []string{"openid"}); !c.OnTrial() || !onTrial || !c.Active {
		t.Errorf("new: %+v", c.Approval)
	}
	if err := w.Registry().Approve(t.Context(), olive, id, c.Version); !errors.Is(err, fault.Conflict) {
		t.Errorf("approved before anybody asked: %v", err)
	}
	w.Must(w.Registry().AskApproval(t.Context(), w.ada, id))
	seen := w.read(id)
	c = seen.Wanted()
	c.Owner = "Somebody else"
	w.change(c)
	if err := w.Registry().Approve(t.Context(), olive, id, seen.Version); !errors.Is(err, fault.Conflict) {
		t.Errorf("approved what the operator did not see: %v", err)
	}
	if !w.read(id).OnTrial() {
		t.Fatal("it is approved all the same")
	}
	w.Must(w.Registry().Approve(t.Context(), olive, id, w.read(id).Version))
	c = w.read(id)
	if _, onTrial := c.Serving("https://rota.example/callback", []string{"openid"}); c.OnTrial() || onTrial ||
		!c.Approval.At.Equal(nine) || !c.Approval.Asked.IsZero() {
		t.Errorf("approved: %+v", c.Approval)
	}
	if got := w.events(client.Ref(id))[0].Kind; got != client.EventApproved {
		t.Errorf("the newest event is %q", got)
	}
}

func TestWhoApproves(t *testing.T) {
	w := open(t)
	olive := w.operator("Olive")
	adaToo := w.ada
	w.update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, team.Operators, adaToo.ID) })
	id, _ := w.create(app())
	w.Must(w.Registry().AskApproval(t.Context(), w.ada, id))
	version := w.read(id).Version
	for name, tt := range map[string]struct {
		by   actor.Actor
		want error
	}{
		"a stranger":                   {w.ben, fault.NotFound},
		"an operator of the same team": {w.ada, fault.Forbidden},
	} {
		if err := w.Registry().Approve(t.Context(), tt.by, id, version); !errors.Is(err, tt.want) {
			t.Errorf("%s approves: %v", name, err)
		}
		if err := w.Registry().Refuse(t.Context(), tt.by, id, version, "No"); !errors.Is(err, tt.want) {
			t.Errorf("%s refuses: %v", name, err)
		}
	}
	if err := w.Registry().Approve(t.Context(), olive, id, version); err != nil {
		t.Errorf("another operator: %v", err)
	}
	if err := w.Registry().AskApproval(t.Context(), w.ada, id); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked once more: %v", err)
	}
}

// What people and the service's own addresses are known by waits, while what was approved serves everybody.
func TestWhatNeedsApprovalWaits(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(c *client.Client)
		waits  []string
	}{
		"name":           {func(c *client.Client) { c.Name = "Handover" }, []string{"client_name"}},
		"owner":          {func(c *client.Client) { c.Owner = "Another Ltd" }, []string{"owner"}},
		"scope":          {func(c *client.Client) { c.Scopes = append(c.Scopes, "email") }, []string{"scope"}},
		"logout address": {func(c *client.Client) { c.BackchannelLogoutURI = "https://rota.example/out" }, []string{"backchannel_logout_uri"}},
		"after logout":   {func(c *client.Client) { c.PostLogoutURIs = []string{"https://other.example/"} }, []string{"post_logout_redirect_uris"}},
		"another host":   {func(c *client.Client) { c.RedirectURIs = []string{"https://other.example/callback"} }, []string{"redirect_uris"}},
		"one more host":  {func(c *client.Client) { c.RedirectURIs = append(c.RedirectURIs, "https://other.example/") }, []string{"redirect_uris"}},
		"another port":   {func(c *client.Client) { c.RedirectURIs = append(c.RedirectURIs, "https://rota.example:8443/") }, []string{"redirect_uris"}},
		"this machine":   {func(c *client.Client) { c.RedirectURIs = append(c.RedirectURIs, "http://localhost:3000/") }, []string{"redirect_uris"}},
		"path":           {func(c *client.Client) { c.RedirectURIs = append(c.RedirectURIs, "https://rota.example/new") }, nil},
		"fewer scopes":   {func(c *client.Client) { c.Scopes = []string{"openid"} }, nil},
		"description":    {func(c *client.Client) { c.Description = "Anything" }, nil},
		"contact":        {func(c *client.Client) { c.Contact = "new@fenmarch.example" }, nil},
		"PKCE":           {func(c *client.Client) { c.RequirePKCE = true }, nil},
		"algorithm":      {func(c *client.Client) { c.IDTokenAlgorithm = "ES256" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			olive := w.operator("Olive")
			before := w.approved(olive)
			wanted := before
			wanted.RedirectURIs = slices.Clone(wanted.RedirectURIs)
			wanted.Scopes = slices.Clone(wanted.Scopes)
			tt.change(&wanted)
			wanted.RequirePAR = true // takes effect at once, whatever else waits
			now := w.change(wanted)
			if !slices.Equal(now.Unapproved(), tt.waits) || now.Waits() != (tt.waits != nil) || !now.RequirePAR {
				t.Fatalf("waits: %v, want %v; %+v", now.Unapproved(), tt.waits, now)
			}
			if names := client.Difference(now.Wanted(), wanted); len(names) > 0 {
				t.Errorf("the team's settings were lost: %v", names)
			}
			if _, onTrial := now.Serving("https://rota.example/callback", []string{"openid"}); onTrial {
				t.Error("what was approved does not serve any more")
			}
			if tt.waits == nil {
				return
			}
			if now.Approval.Asked.IsZero() {
				t.Error("no operator is asked")
			}
			w.Must(w.Registry().Approve(t.Context(), olive, now.ID, now.Version))
			if after := w.read(now.ID); after.Waits() || len(client.Difference(after, wanted)) > 0 {
				t.Errorf("approved: %v", client.Difference(after, wanted))
			}
		})
	}
}

func TestAChangeIsRefusedWithAReasonAndWithdrawn(t *testing.T) {
	w := open(t)
	olive := w.operator("Olive")
	before := w.approved(olive)
	wanted := before
	wanted.Name = "Handover"
	now := w.change(wanted)
	if err := w.Registry().Refuse(t.Context(), olive, now.ID, now.Version, " "); !errors.Is(err, fault.Invalid) {
		t.Errorf("refused without a reason: %v", err)
	}
	w.Must(w.Registry().Refuse(t.Context(), olive, now.ID, now.Version, "Who is Handover?"))
	now = w.read(now.ID)
	if now.Name != before.Name || !now.Waits() || now.Approval.Refused != "Who is Handover?" ||
		!now.Approval.Asked.IsZero() {
		t.Errorf("refused: %+v", now.Approval)
	}
	wanted = now.Wanted()
	wanted.Description = "Notes"
	if now = w.change(wanted); now.Approval.Refused == "" || !now.Approval.Asked.IsZero() {
		t.Errorf("a change of something else asks again: %+v", now.Approval)
	}
	w.Must(w.Registry().AskApproval(t.Context(), w.ada, now.ID))
	w.Must(w.Registry().Withdraw(t.Context(), w.ada, now.ID))
	if now = w.read(now.ID); now.Waits() || now.Name != before.Name || now.Description != "Notes" {
		t.Errorf("withdrawn: %+v", now)
	}
	list, err := db.Read(t.Context(), w.DB, func(r db.R) ([]client.Client, error) {
		list, _, err := client.Asked(t.Context(), r, 0, 10)
		return list, err
	})
	if err != nil || len(list) != 0 {
		t.Errorf("it still waits: %v %v", list, err)
	}
}

// A name that people could take for another's is refused, wherever it comes from.
// What is wrong with a name is said together with what else is.
func TestANameIsLookedAtBesideOtherMistakes(t *testing.T) {
	w := open(t)
	w.approved(w.operator("Olive"))
	other := app()
	other.Name = "Spare"
	spare, _ := w.create(other)
	for name, try := range map[string]func(c client.Client) error{
		"register": func(c client.Client) error {
			_, _, err := w.Registry().Create(t.Context(), w.ada, w.team, client.Supplier, c)
			return err
		},
		"change": func(c client.Client) error {
			c.ID = spare
			_, err := w.Registry().Change(t.Context(), w.ada, c)
			return err
		},
	} {
		c := app()
		c.Name = "R\u043eta" // looks like Rota
		c.Owner = ""
		c.Contact = ""
		err := try(c)
		var fields []string
		var problems client.Problems
		if errors.As(err, &problems) {
			for _, p := range problems {
				fields = append(fields, p.Field)
			}
		}
		if !slices.Equal(fields, []string{"client_name", "owner", "contact"}) {
			t.Errorf("%s: %v: %v", name, fields, err)
		}
	}
	kept := w.read(spare)
	kept.Owner = ""
	_, err := w.Registry().Change(t.Context(), w.ada, kept)
	var problems client.Problems
	if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Field != "owner" {
		t.Errorf("a name that stays: %v", err)
	}
}

func TestNamesThatLookLikeOthersAreRefused(t *testing.T) {
	w := open(t)
	olive := w.operator("Olive")
	waits := w.approved(olive)
	waits.Name = "Handover"
	w.change(waits)
	_, err := w.Registry().Roll().Make(t.Context(), w.ben, "Another Company")
	w.Must(err)
	other := app()
	other.Name = "Spare"
	spare, _ := w.create(other)
	tried := 0
	for _, name := range []string{
		"Rota", "ROTA", " rota ", "R\u043eta", "Rot\u00e1", "Ro-ta", "Handover", "H\u0430ndover", "Another Company", "another-company",
		"Directory of Services", "D\u0456rectory of S\u0435rvices", "Care Identity Management", "Operators of this service",
		"Rot\u200da", "Rota\u202e", "Rota\x00", "Ro\u00adta2", "—",
		"Dir\u0435ctory of Servic\u0435s Ltd", "Rota of \u0391\u03b8",
		"Directory 0f 5ervices", "Another C0mpany", "\u2115HS Digital", "NHS Dlgltal", "\u0455\u0441\u043e\u0440\u0435",
	} {
		another := app()
		another.Name = name
		_, _, err := w.Registry().Create(t.Context(), w.ada, w.team, client.Supplier, another)
		var problems client.Problems
		if !errors.As(err, &problems) || problems[0].Field != "client_name" {
			t.Errorf("a client named %q: %v", name, err)
		}
		c := w.read(spare)
		c.Name = name
		if _, err := w.Registry().Change(t.Context(), w.ada, c); !errors.As(err, &problems) {
			t.Errorf("a client renamed to %q: %v", name, err)
		}
		tried++
	}
	t.Logf("names of clients: tried %d, accepted 0", tried)
	for _, name := range []string{"Rota", "R\u043eta", "another company", "Directory of Services", "\u041eperators of this service", "Team\u200d",
		"Dir\u0435ctory of Servic\u0435s Ltd",
		"R0ta", "Operat0r5", "\u2115HS Digital", "\u0455\u0441\u043e\u0440\u0435"} {
		_, err := w.Registry().Roll().Make(t.Context(), w.ben, name)
		if !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Conflict) {
			t.Errorf("a team named %q: %v", name, err)
		}
	}
	another := app()
	another.Name = "Fenmarch Software" // as its own team
	if _, _, err := w.Registry().Create(t.Context(), w.ada, w.team, client.Supplier, another); err != nil {
		t.Errorf("the name of its own team: %v", err)
	}
}

func TestOnlyOperatorsRegisterNationalServices(t *testing.T) {
	w := open(t)
	_, _, err := w.Registry().Create(t.Context(), w.ada, w.team, client.National, app())
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("by somebody else: %v", err)
	}
	w.update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, team.Operators, w.ada.ID) })
	id, _, err := w.Registry().Create(t.Context(), w.ada, w.team, client.National, app())
	if err != nil || !strings.HasSuffix(id, ".apps.national") || !w.read(id).OnTrial() {
		t.Errorf("by an operator: %q %v", id, err)
	}
}

// The team and the contact are told what the operators decided.
func TestTheTeamIsToldOfTheDecision(t *testing.T) {
	w := open(t)
	olive := w.operator("Olive")
	c := w.approved(olive)
	c.Name = "Handover"
	now := w.change(c)
	w.Must(w.Registry().Refuse(t.Context(), olive, now.ID, now.Version, "Who is Handover?"))
	w.Settle()
	var subjects []string
	for _, m := range w.Mails.To("rota@fenmarch.example") {
		subjects = append(subjects, m.Subject)
		if m.Subject == "Handover is not approved" && !strings.Contains(m.Text, "Who is Handover?") {
			t.Errorf("the reason is missing: %s", m.Text)
		}
	}
	slices.Sort(subjects)
	if want := []string{"Handover is not approved", "Rota is approved"}; !slices.Equal(subjects, want) {
		t.Errorf("mailed %q, want %q", subjects, want)
	}
}
