package double

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider/client"
	"signpost/internal/double/file"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// person is somebody of the file, as they were made.
type person struct {
	population.Person
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

var errWho = fault.SayCure(fault.NotFound, "There is nobody of this name.",
	"Give the id of somebody in the file, their uuid or their email address.")

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

// origin tells a folder of the file that it was made from.
type origin struct {
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
	var k origin
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if k.Digest != d.o.File.Digest {
		return nil, fault.SayCure(fault.Conflict, "The file has changed since the folder was made from it.",
			"Give --data another folder, or delete this one.")
	}
	return d.again(ctx, k)
}

func (d *Double) populate(ctx context.Context, path string) (*people, error) {
	all, err := db.Write(ctx, d.db, by, func(w *db.W) ([]population.Made, error) {
		for _, c := range d.o.File.Clients {
			if err := client.Register(ctx, w, d.box, c.Client, c.Secret); err != nil {
				return nil, fmt.Errorf("client %s: %w", c.ID, err)
			}
		}
		return d.maker().Make(ctx, w, described(d.o.File))
	})
	if err != nil {
		return nil, err
	}
	made := &people{}
	k := origin{Digest: d.o.File.Digest, UUIDs: map[string]string{}}
	for n, p := range d.o.File.People {
		made.all = append(made.all, equipped(p, all[n]))
		k.UUIDs[p.ID] = all[n].UUID
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
func (d *Double) again(ctx context.Context, k origin) (*people, error) {
	return db.Read(ctx, d.db, func(r db.R) (*people, error) {
		found := &people{}
		for _, p := range d.o.File.People {
			one := &person{Person: p, uuid: k.UUIDs[p.ID]}
			list, err := authenticator.OfIdentity(ctx, r, one.uuid)
			if err != nil {
				return nil, err
			}
			for _, a := range list {
				if a.Simulated {
					one.with = append(one.with, equipment{id: a.ID, kind: a.Kind, level: a.Level})
				}
			}
			found.all = append(found.all, one)
		}
		return found, nil
	})
}

// maker makes the people of the file.
func (d *Double) maker() population.Maker {
	return population.Maker{
		EmailProof: "said by the double's file", StatusReason: "so in the double's file",
		Authenticators: d.ways.Make,
	}
}

// described is the file's description, where each authenticator is a simulated one; an authenticator app that
// has a secret is a real one too.
func described(f file.File) population.Description {
	d := population.Description{Organisations: f.Organisations}
	for _, p := range f.People {
		p.Authenticators = simulatedAndReal(p.Authenticators)
		d.People = append(d.People, p)
	}
	return d
}

func simulatedAndReal(list []population.Authenticator) (all []population.Authenticator) {
	for _, a := range list {
		all = append(all, population.Authenticator{Kind: a.Kind, Level: a.Level, Simulated: true})
		if a.Secret != "" {
			a.Name = a.Kind.Label()
			all = append(all, a)
		}
	}
	return all
}

// equipped is somebody of the file as they were made.
func equipped(p population.Person, made population.Made) *person {
	one := &person{Person: p, uuid: made.UUID}
	for n, a := range simulatedAndReal(p.Authenticators) {
		if a.Simulated {
			one.with = append(one.with, equipment{id: made.Authenticators[n], kind: a.Kind, level: a.Worth()})
		}
	}
	return one
}

// held is a role profile that somebody has now.
type held struct {
	ID         string
	RoleCode   string
	OrgCode    string
	assignment string // which gives it
}

// rolesNow lists the role profiles that somebody has now.
func rolesNow(ctx context.Context, r db.R, uuid string) (list []held, err error) {
	all, err := access.OfIdentity(ctx, r, uuid)
	for _, a := range all {
		for _, p := range access.Effective([]access.Assignment{a}, r.Now()) {
			list = append(list, held{ID: p.RoleID, RoleCode: p.RoleCode, OrgCode: p.OrgCode, assignment: a.ID})
		}
	}
	return list, err
}
