package demo

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/simulated"
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

// appSecret is what every sample authenticator app holds.
const appSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// standing is how somebody's care identity stands.
type standing int

const (
	noIdentity standing = iota
	activeIdentity
	suspendedIdentity
	twoIdentities
)

// means is what somebody can prove themselves with.
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
	shared, proved        bool
	verified              bool // the care identity's address
	noAccount             bool // of the directory
	identity              standing
	position              bool // Directory of Services System
	jobRole               string
	alsoAt                []string // further organisations at which the job role is held
	means                 means
	linked                bool
	wave, organisation    string
	permissions           []account.Permission
	group, shows, story   string
	try                   []string
}

// Cast is somebody to introduce.
type Cast struct {
	Group, Name, Shows, Story, Username, Email, UUID, Secret string
	Try                                                      []string
	Introduced                                               bool // the guide says something about them
	AccountID                                                string
}

// makePeople makes every person on both sides.
func (s Systems) makePeople(ctx context.Context, organisations []sampleOrganisation) ([]Cast, error) {
	all := append(leads(), crowd(organisations)...)
	cast := make([]Cast, len(all))
	err := s.Care.Update(ctx, maker, func(w *db.W) error {
		positions := map[string]string{}
		for i, p := range all {
			uuid, err := s.addIdentity(ctx, w, p, positions)
			if err != nil {
				return fmt.Errorf("%s %s: %w", p.first, p.last, err)
			}
			cast[i] = castOf(p, uuid)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return cast, s.DoS.Update(ctx, maker, func(w *db.W) error { return s.addAccounts(ctx, w, all, cast) })
}

func castOf(p person, uuid string) Cast {
	c := Cast{Group: p.group, Name: strings.TrimSpace(p.first + " " + p.last), Shows: p.shows, Story: p.story, Username: p.username,
		Email: p.careEmail, UUID: uuid, Try: p.try, Introduced: p.shows != ""}
	if p.shared {
		c.Name = p.username
	}
	if p.means == app {
		c.Secret = appSecret
	}
	return c
}

// addIdentity makes somebody's care identity with its position and authenticator, and gives its number.
func (s Systems) addIdentity(ctx context.Context, w *db.W, p person, positions map[string]string) (string, error) {
	if p.identity == noIdentity {
		return "", nil
	}
	n := identity.New{GivenName: p.first, FamilyName: p.last, Email: p.careEmail, Verified: true, AssuranceLevel: 3, Organisation: p.organisation}
	if p.verified {
		n.EmailVerified = "checked by the registration authority"
	}
	i, err := identity.Add(ctx, w, n)
	if err != nil {
		return "", err
	}
	if p.identity == twoIdentities {
		if _, err := identity.Add(ctx, w, n); err != nil {
			return "", err
		}
	}
	if err := assign(ctx, w, p, i.UUID, positions); err != nil {
		return "", err
	}
	if err := s.equip(ctx, w, p, i.UUID); err != nil {
		return "", err
	}
	if p.identity == suspendedIdentity {
		err = identity.MovePart(ctx, w, i.UUID, identity.Suspend, "not used for a year")
	}
	return i.UUID, err
}

func assign(ctx context.Context, w *db.W, p person, uuid string, positions map[string]string) error {
	var wanted []access.Position
	if p.position {
		wanted = append(wanted, access.Position{Organisation: p.organisation, Name: rbac.DirectoryPosition, RoleCode: fullRole(rbac.AdminClinicalSupport), Activities: []string{rbac.DirectoryUIAccess}})
	}
	if p.jobRole != "" {
		for _, code := range append([]string{p.organisation}, p.alsoAt...) {
			wanted = append(wanted, access.Position{Organisation: code, Name: jobName(p.jobRole), RoleCode: fullRole(p.jobRole)})
		}
	}
	for _, position := range wanted {
		key := position.Organisation + " " + position.Name
		if positions[key] == "" {
			id, err := access.AddPosition(ctx, w, position)
			if err != nil {
				return err
			}
			positions[key] = id
		}
		if err := access.Assign(ctx, w, access.Grant{UUID: uuid, Position: positions[key], Organisation: position.Organisation, Starts: w.Now(), Number: identity.Number}); err != nil {
			return err
		}
	}
	return nil
}

func fullRole(job string) string {
	role, _ := rbac.Full(job)
	return role.String()
}

func jobName(job string) string {
	name, _ := rbac.RoleName(job)
	return rbac.JobName(name)
}

// equip gives somebody their authenticators. Whoever has a real one of the sample world has a simulated
// one beside it, for a visitor who has no app at hand.
func (s Systems) equip(ctx context.Context, w *db.W, p person, uuid string) error {
	if p.means == nothing {
		return nil
	}
	if p.means == app {
		if _, err := s.Apps.Bind(ctx, w, totp.App{UUID: uuid, Name: "Authenticator app", Secret: appSecret, PasswordHash: sampleHash}); err != nil {
			return err
		}
	}
	if p.means == weakHello {
		hello := authenticator.New{UUID: uuid, Kind: authn.WindowsHello, Level: authn.AAL2, Name: "Simulated", Simulated: true}
		if _, err := authenticator.Bind(ctx, w, hello); err != nil {
			return err
		}
	}
	_, err := simulated.Seed(ctx, w, uuid, authn.AAL3)
	return err
}

func (s Systems) addAccounts(ctx context.Context, w *db.W, all []person, cast []Cast) error {
	waves, err := makeWaves(ctx, w)
	if err != nil {
		return err
	}
	for i, p := range all {
		if p.noAccount {
			continue
		}
		a, err := addAccount(ctx, w, p, waves)
		if err != nil {
			return fmt.Errorf("%s: %w", p.username, err)
		}
		cast[i].AccountID = a.ID
		if !p.linked {
			continue
		}
		if err := account.AddLink(ctx, w, account.Link{AccountID: a.ID, Issuer: s.Issuer, Subject: cast[i].UUID, How: "sample world"}); err != nil {
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
		link, err := authenticator.InvitePart(ctx, w, first.UUID, authn.SecurityKey, authn.WindowsHello, authn.Passkey, authn.AuthenticatorApp)
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
