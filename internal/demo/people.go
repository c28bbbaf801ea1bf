package demo

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/simulated"
	"signpost/internal/careid/population"
	"signpost/internal/dos/account"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// Password is everybody's, at the directory and for authenticator apps; sampleHash is its argon2id hash,
// made beforehand so that the demo need not hash sixty times at its start.
const (
	Password   = "fenmarch sample 2026"
	sampleHash = "$argon2id$v=19$m=65536,t=3,p=4$3MEOycFw1bvNn817ljAJ1w$0cPofrliBjLEAWNobqDlyrMs7lt3rpkLUsdMDPrdaPU"
)

// appSecret is in every sample authenticator app.
const appSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// standing is how somebody's care identity stands.
type standing int

const (
	noIdentity standing = iota
	activeIdentity
	suspendedIdentity
	twoIdentities
)

// means says what somebody can prove themselves with.
type means int

const (
	nothing      means = iota
	app                // an authenticator app
	simulatedKey       // a simulated authenticator of level 3
	weakHello          // Windows Hello of level 2, beside it; simulated too
)

// person is somebody of the sample world.
type person struct {
	username, first, last string
	dosEmail, careEmail   string
	phone                 string // on the account of the directory
	shared, proved        bool
	verified              bool // the care identity's address
	noAccount             bool // of the directory
	identity              standing
	position              bool // Directory of Services System
	jobRole               string
	activity              string   // that the job role is held with, under a name of its own
	alsoAt                []string // further organisations at which the job role is held
	means                 means
	linked                bool
	wave, organisation    string
	grants                account.Grants
	group, shows, story   string
	try                   []string
}

func (p person) kind() account.Kind {
	if p.shared {
		return account.Shared
	}
	return account.Individual
}

// Cast is somebody to introduce.
type Cast struct {
	Group, Name, Shows, Story, Username, Email, UUID, Secret string
	Try                                                      []string
	Introduced                                               bool // the guide says something about them
	Simulated                                                bool // they have a simulated authenticator
	AccountID                                                string
}

// ID names somebody in addresses: the username, or else what stands before the @ of the email address.
func (c Cast) ID() string {
	if c.Username != "" {
		return c.Username
	}
	name, _, _ := strings.Cut(c.Email, "@")
	return name
}

// makePeople makes every person on both sides.
func (s Systems) makePeople(ctx context.Context, organisations []sampleOrganisation, region string) ([]Cast, error) {
	all := append(leads(), crowd(organisations)...)
	identities, err := s.makeIdentities(ctx, organisations, all)
	if err != nil {
		return nil, err
	}
	cast := make([]Cast, len(all))
	for i, p := range all {
		cast[i] = castOf(p, identities[i])
	}
	return cast, s.DoS.Update(ctx, maker, func(w *db.W) error { return s.addAccounts(ctx, w, all, cast, region) })
}

// makeIdentities makes the care identity side, and gives each person's number; empty for somebody who has none.
func (s Systems) makeIdentities(ctx context.Context, organisations []sampleOrganisation,
	all []person) ([]string, error) {
	d, owners := described(all)
	d.Organisations = organisationsOf(organisations)
	m := population.Maker{
		EmailProof: "checked by the registration authority", StatusReason: "not used for a year",
		Authenticators: s.Authenticators,
	}
	made, err := db.Write(ctx, s.Care, maker, func(w *db.W) ([]population.Made, error) {
		made, err := m.Make(ctx, w, d)
		if err != nil {
			return nil, err
		}
		return made, letSponsorsGive(ctx, w, firstPractice)
	})
	uuids := make([]string, len(all))
	for i, one := range made {
		uuids[owners[i]] = one.UUID
	}
	return uuids, err
}

// described describes the care identities of the sample people, and says whose each of them is.
func described(all []person) (d population.Description, owners []int) {
	for owner, p := range all {
		if p.identity == noIdentity {
			continue
		}
		one := identityOf(p)
		if p.identity == twoIdentities {
			twin := one
			twin.Authenticators = nil
			twin.Positions = nil
			d.People = append(d.People, twin)
			owners = append(owners, owner)
		}
		d.People = append(d.People, one)
		owners = append(owners, owner)
	}
	return d, owners
}

func identityOf(p person) population.Person {
	one := population.Person{
		GivenName: p.first, FamilyName: p.last, Email: p.careEmail, EmailVerified: p.verified,
		Organisation: p.organisation, Positions: positionsOf(p), Authenticators: authenticatorsOf(p.means),
	}
	if p.identity == suspendedIdentity {
		one.Status = string(identity.Suspended)
	}
	return one
}

func castOf(p person, uuid string) Cast {
	c := Cast{
		Group: p.group, Name: strings.TrimSpace(p.first + " " + p.last), Shows: p.shows, Story: p.story,
		Username: p.username, Email: p.careEmail, UUID: uuid, Try: p.try, Introduced: p.shows != "",
		Simulated: uuid != "" && p.means != nothing,
	}
	if p.shared {
		c.Name = p.username
	}
	if p.means == app {
		c.Secret = appSecret
	}
	return c
}

func positionsOf(p person) (list []population.Position) {
	if p.position {
		list = append(list, population.Directory(p.organisation))
	}
	if p.jobRole == "" {
		return list
	}
	for _, code := range append([]string{p.organisation}, p.alsoAt...) {
		one := population.Position{Organisation: code, Name: jobName(p.jobRole), Role: p.jobRole}
		if p.activity != "" {
			one.Name = activityPositions[p.activity]
			one.Activities = []string{p.activity}
		}
		list = append(list, one)
	}
	return list
}

// activityPositions name the positions that an activity makes what they are.
var activityPositions = map[string]string{rbac.ApproveRequests: sponsors, rbac.CheckIdentity: "ID checkers"}

// sponsors is the name of the position of those who may give the position that opens the directory.
const sponsors = "Sponsors"

// letSponsorsGive makes that position assignable to the sponsors of an organisation.
func letSponsorsGive(ctx context.Context, w *db.W, organisation string) error {
	list, err := access.PositionsAt(ctx, w, organisation)
	if err != nil {
		return err
	}
	var directory []string
	for _, p := range list {
		if p.Name == rbac.DirectoryPosition {
			directory = append(directory, p.ID)
		}
	}
	for _, p := range list {
		if p.Name == sponsors {
			return access.SetAssignable(ctx, w, p.ID, directory)
		}
	}
	return nil
}

func jobName(job string) string {
	name, _ := rbac.RoleName(job)
	return rbac.JobName(name)
}

// authenticatorsOf are those of somebody's means. Whoever has a real one of the sample world has a simulated one
// beside it, for a visitor who has no app at hand.
func authenticatorsOf(m means) (list []population.Authenticator) {
	switch m {
	case nothing:
		return nil
	case app:
		list = append(list, population.Authenticator{
			Kind: authn.AuthenticatorApp, Name: "Authenticator app", Secret: appSecret, PasswordHash: sampleHash,
		})
	case weakHello:
		list = append(list, simulatedOf(authn.WindowsHello, authn.AAL2))
	}
	return append(list, simulatedOf(authn.SecurityKey, authn.AAL3))
}

func simulatedOf(kind authn.Kind, level authn.Level) population.Authenticator {
	worth := int(level)
	return population.Authenticator{Kind: kind, Level: &worth, Name: "Simulated", Simulated: true}
}

func (s Systems) addAccounts(ctx context.Context, w *db.W, all []person, cast []Cast, region string) error {
	waves, err := makeWaves(ctx, w)
	if err != nil {
		return err
	}
	for i, p := range all {
		if p.noAccount {
			continue
		}
		a, err := addAccount(ctx, w, p, waves, region)
		if err != nil {
			return fmt.Errorf("%s: %w", p.username, err)
		}
		cast[i].AccountID = a.ID
		if !p.linked {
			continue
		}
		if err := account.AddLink(ctx, w, account.Link{
			AccountID: a.ID, Issuer: s.Issuer, Subject: cast[i].UUID, How: "sample world",
		}); err != nil {
			return err
		}
	}
	return nil
}

// InviteFirst mails the binding link that the main journey begins with. It is done in the present, as
// links live a day.
func (s Systems) InviteFirst(ctx context.Context, cast []Cast) error {
	first := cast[0]
	return s.Care.Update(ctx, maker, func(w *db.W) error {
		link, err := authenticator.Invite(ctx, w, first.UUID, authn.SecurityKey, authn.WindowsHello, authn.Passkey,
			authn.AuthenticatorApp)
		if err != nil {
			return err
		}
		if err := s.Post.Send(ctx, w, invitation(first, s.CIS2+link)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventInvited, Subject: identity.Ref(first.UUID)})
	})
}

// Personas lists the people who have a simulated authenticator, for the demo's page of them.
func Personas(cast []Cast) simulated.List {
	var list []simulated.Persona
	for _, c := range cast {
		if c.UUID != "" && c.Introduced {
			list = append(list, simulated.Persona{UUID: c.UUID, About: c.Shows})
		}
	}
	return func(context.Context, db.R) ([]simulated.Persona, error) { return list, nil }
}
