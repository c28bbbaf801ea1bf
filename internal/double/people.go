package double

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider/client"
	"signpost/internal/double/file"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// person is somebody of the file, as they were made.
type person struct {
	file.Person
	uuid string
	with []equipment // in the order of the file
}

// equipment is a simulated authenticator of a person.
type equipment struct {
	id    string
	kind  authn.Kind
	level authn.Level
}

func (p *person) about() string {
	about := []string{p.ID}
	for _, position := range p.Positions {
		about = append(about, position.Role+" at "+position.Organisation)
	}
	return strings.Join(about, ", ")
}

// people are those of the file.
type people struct{ all []*person }

var errWho = fault.SayCure(fault.NotFound, "There is nobody of this name.", "Give the id of somebody in the file, their uuid or their email address.")

// find finds somebody by id, uuid or email address.
func (p *people) find(name string) (*person, error) {
	for _, one := range p.all {
		if name != "" && (one.ID == name || one.uuid == name || strings.EqualFold(one.Email, name)) {
			return one, nil
		}
	}
	return nil, errWho
}

// NameOf names an authenticator by whose it is and which, as two doubles of one file both understand it.
func (p *people) NameOf(id string) (string, bool) {
	for _, one := range p.all {
		for n, e := range one.with {
			if e.id == id {
				return fmt.Sprintf("%s/%d", one.ID, n+1), true
			}
		}
	}
	return "", false
}

// Named gives the authenticator that NameOf named.
func (p *people) Named(name string) (string, bool) {
	for _, one := range p.all {
		for n, e := range one.with {
			if fmt.Sprintf("%s/%d", one.ID, n+1) == name {
				return e.id, true
			}
		}
	}
	return "", false
}

// kept is what a folder knows of the file that it was made from.
type kept struct {
	Digest string            `json:"file"`
	UUIDs  map[string]string `json:"people"`
}

// settle makes the people and clients, or finds those that the folder was made with.
func (d *Double) settle(ctx context.Context) (*people, error) {
	path := filepath.Join(d.o.Folder, "double.json")
	text, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return d.populate(ctx, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read what the folder was made from: %w", err)
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if k.Digest != d.o.File.Digest {
		return nil, fault.SayCure(fault.Conflict, "The file has changed since the folder was made from it.", "Give --data another folder, or delete this one.")
	}
	return d.again(ctx, k)
}

func (d *Double) populate(ctx context.Context, path string) (*people, error) {
	made, k := &people{}, kept{Digest: d.o.File.Digest, UUIDs: map[string]string{}}
	err := d.db.Update(ctx, by, func(w *db.W) error {
		made.all = nil
		for _, c := range d.o.File.Clients {
			if err := client.Register(ctx, w, d.box, c.Client, c.Secret); err != nil {
				return fmt.Errorf("client %s: %w", c.ID, err)
			}
		}
		for _, o := range d.o.File.Organisations {
			if err := organisation.Add(ctx, w, organisation.Organisation{Code: o.Code, Name: o.Name}, o.Approved...); err != nil {
				return err
			}
		}
		for _, p := range d.o.File.People {
			one, err := d.add(ctx, w, p)
			if err != nil {
				return fmt.Errorf("%s: %w", p.ID, err)
			}
			made.all = append(made.all, one)
			k.UUIDs[p.ID] = one.uuid
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("encode what the folder was made from: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, fmt.Errorf("note what the folder was made from: %w", err)
	}
	return made, nil
}

// again finds the people of a folder that is there.
func (d *Double) again(ctx context.Context, k kept) (*people, error) {
	found := &people{}
	err := d.db.View(ctx, func(r db.R) error {
		found.all = nil
		for _, p := range d.o.File.People {
			one := &person{Person: p, uuid: k.UUIDs[p.ID]}
			list, err := authenticator.OfIdentity(ctx, r, one.uuid)
			if err != nil {
				return err
			}
			for _, a := range list {
				if a.Simulated {
					one.with = append(one.with, equipment{id: a.ID, kind: a.Kind, level: a.Level})
				}
			}
			found.all = append(found.all, one)
		}
		return nil
	})
	return found, err
}

// add makes one person with all they hold.
func (d *Double) add(ctx context.Context, w *db.W, p file.Person) (*person, error) {
	n := identity.New{
		UUID: p.UUID, Title: p.Title, GivenName: p.GivenName, MiddleNames: p.MiddleNames, FamilyName: p.FamilyName, Email: p.Email,
		Verified: true, AssuranceLevel: 3, Organisation: p.Organisation,
	}
	if p.IdentityLevel != nil {
		n.AssuranceLevel = *p.IdentityLevel
	}
	if p.EmailVerified {
		n.EmailVerified = "said by the double's file"
	}
	i, err := identity.Add(ctx, w, n)
	if err != nil {
		return nil, err
	}
	made := &person{Person: p, uuid: i.UUID}
	for body, number := range p.Registrations {
		if err := identity.Register(ctx, w, made.uuid, body, number); err != nil {
			return nil, err
		}
	}
	if err := d.equip(ctx, w, made); err != nil {
		return nil, err
	}
	for _, position := range p.Positions {
		if err := assign(ctx, w, made.uuid, position); err != nil {
			return nil, err
		}
	}
	return made, become(ctx, w, made)
}

// become gives somebody the status that the file says.
func become(ctx context.Context, w *db.W, p *person) error {
	acts := map[string]identity.Act{string(identity.Suspended): identity.Suspend, string(identity.Closed): identity.Close}
	act, moves := acts[p.Status]
	if !moves {
		return nil
	}
	return identity.MovePart(ctx, w, p.uuid, act, "so in the double's file")
}

// equip gives somebody a simulated authenticator for each of the file's, and the real authenticator app that
// has a secret.
func (d *Double) equip(ctx context.Context, w *db.W, p *person) error {
	for _, a := range p.Authenticators {
		id, err := authenticator.Bind(ctx, w, authenticator.New{UUID: p.uuid, Kind: a.Kind, Level: a.Worth(), Simulated: true})
		if err != nil {
			return err
		}
		p.with = append(p.with, equipment{id: id, kind: a.Kind, level: a.Worth()})
		if a.Secret == "" {
			continue
		}
		hash, err := d.apps.Hasher.Hash(ctx, a.Password)
		if err != nil {
			return err
		}
		if _, err := d.apps.Bind(ctx, w, totp.App{UUID: p.uuid, Name: a.Kind.Label(), Secret: a.Secret, PasswordHash: hash}); err != nil {
			return err
		}
	}
	return nil
}

func assign(ctx context.Context, w *db.W, uuid string, p file.Position) error {
	role, err := p.FullRole()
	if err != nil {
		return err
	}
	id, err := access.AddPosition(ctx, w, access.Position{
		Organisation: p.Organisation, Name: role, RoleCode: role, Activities: p.Activities, Workgroups: coded(p.Workgroups), AreasOfWork: coded(p.AreasOfWork),
	})
	if err != nil {
		return err
	}
	return access.Assign(ctx, w, access.Grant{UUID: uuid, Position: id, Organisation: p.Organisation, Starts: w.Now(), GNC: p.GNC, Number: identity.Number})
}

func coded(list []file.Coded) []access.Coded {
	var codes []access.Coded
	for _, c := range list {
		codes = append(codes, access.Coded{Code: c.Code, Name: c.Name})
	}
	return codes
}

// held lists the positions that somebody holds now.
func held(ctx context.Context, r db.R, uuid string) ([]access.Assignment, error) {
	all, err := access.OfIdentity(ctx, r, uuid)
	return slices.DeleteFunc(all, func(a access.Assignment) bool { return !a.InForce(r.Now()) }), err
}
