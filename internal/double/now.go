package double

import (
	"context"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/provider/session"
	"signpost/internal/double/file"
	"signpost/internal/platform/db"
)

// stateNow is where everything stands.
type stateNow struct {
	Issuer string    `json:"issuer"`
	Now    time.Time `json:"now"`
	Moved  string    `json:"moved"` // by how much the clock differs from the machine's
	Auto   file.Auto `json:"auto"`
	Faults []Fault   `json:"faults"`
	Kid    string    `json:"kid"` // of the key that signs
}

func (d *Double) state(context.Context) (stateNow, error) {
	d.autoMu.Lock()
	defer d.autoMu.Unlock()
	signing, _ := d.provider.Keys().For(key.Algorithms[0])
	return stateNow{
		Issuer: d.o.Issuer, Now: d.clock.Now(), Moved: d.clock.Moved().Round(time.Second).String(), Auto: d.auto,
		Faults: d.faults.all(), Kid: signing.ID,
	}, nil
}

// personNow is somebody as they stand now.
type personNow struct {
	ID             string             `json:"id"`
	UUID           string             `json:"uuid"`
	Name           string             `json:"name"`
	Email          string             `json:"email,omitempty"`
	Status         string             `json:"status"`
	IdentityLevel  int                `json:"id_assurance_level"`
	Authenticators []authenticatorNow `json:"authenticators"`
	Roles          []roleNow          `json:"roles"`
}

type authenticatorNow struct {
	Kind  string `json:"kind"`
	Level string `json:"level"`
}

type roleNow struct {
	ID           string `json:"role_id"`
	Code         string `json:"role_code"`
	Organisation string `json:"organisation"`
}

func (d *Double) peopleNow(ctx context.Context) ([]personNow, error) {
	return db.Read(ctx, d.db, func(r db.R) ([]personNow, error) {
		list := []personNow{}
		for _, p := range d.people.all {
			now, err := p.now(ctx, r)
			if err != nil {
				return nil, err
			}
			list = append(list, now)
		}
		return list, nil
	})
}

func (p *person) now(ctx context.Context, r db.R) (personNow, error) {
	i, err := identity.ByUUID(ctx, r, p.uuid)
	if err != nil {
		return personNow{}, err
	}
	now := personNow{
		ID: p.ID, UUID: p.uuid, Name: i.DisplayName(), Email: i.Email, Status: string(i.Status),
		IdentityLevel: i.AssuranceLevel, Authenticators: []authenticatorNow{}, Roles: []roleNow{},
	}
	for _, e := range p.with {
		now.Authenticators = append(now.Authenticators, authenticatorNow{Kind: string(e.kind), Level: e.level.Claim()})
	}
	roles, err := rolesNow(ctx, r, p.uuid)
	for _, h := range roles {
		now.Roles = append(now.Roles, roleNow{ID: h.ID, Code: h.RoleCode, Organisation: h.OrgCode})
	}
	return now, err
}

// sessionNow is one live SSO session.
type sessionNow struct {
	ID            string    `json:"id"`
	SID           string    `json:"sid"` // as ID tokens and logout tokens carry it
	Person        string    `json:"person"`
	Authenticator string    `json:"authenticator"`
	Begun         time.Time `json:"begun"`
	Ends          time.Time `json:"ends"`
}

func (d *Double) sessions(ctx context.Context) ([]sessionNow, error) {
	list := []sessionNow{}
	for _, p := range d.people.all {
		all, err := d.sessionsOf(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			list = append(list, sessionNow{
				ID: s.ID, SID: s.SID, Person: p.ID, Authenticator: string(s.State.Proven.Kind), Begun: s.Begun,
				Ends: s.Ends,
			})
		}
	}
	return list, nil
}

func (d *Double) sessionsOf(ctx context.Context, p *person) ([]session.Session, error) {
	return db.Read(ctx, d.db, func(r db.R) ([]session.Session, error) {
		return d.provider.Sessions().Of(ctx, r, p.uuid)
	})
}

// refusalNow is why a client was refused.
type refusalNow struct {
	Client string    `json:"client"`
	Place  string    `json:"place"`
	Error  string    `json:"error,omitempty"` // that the client was told
	Reason string    `json:"reason"`
	Times  int64     `json:"times"`
	Last   time.Time `json:"last"`
}

func (d *Double) refusals(ctx context.Context) ([]refusalNow, error) {
	return db.Read(ctx, d.db, func(r db.R) ([]refusalNow, error) {
		list := []refusalNow{}
		for _, c := range d.o.File.Clients {
			all, err := client.Refusals(ctx, r, c.ID)
			if err != nil {
				return nil, err
			}
			for _, f := range all {
				list = append(list, refusalNow{
					Client: f.ClientID, Place: f.Place, Error: f.Code, Reason: f.Reason, Times: f.Times, Last: f.Last,
				})
			}
		}
		return list, nil
	})
}
