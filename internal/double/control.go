package double

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/provider/session"
	"signpost/internal/double/file"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// controls is the API by which a test runs the double. Pages of other origins cannot post to it.
func (d *Double) controls() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(r *http.Request, body []byte) (any, error){
		"GET state":           func(r *http.Request, _ []byte) (any, error) { return d.state(r.Context()) },
		"GET people":          func(r *http.Request, _ []byte) (any, error) { return d.peopleNow(r.Context()) },
		"GET sessions":        func(r *http.Request, _ []byte) (any, error) { return d.sessions(r.Context()) },
		"GET refusals":        func(r *http.Request, _ []byte) (any, error) { return d.refusals(r.Context()) },
		"GET faults":          func(*http.Request, []byte) (any, error) { return d.faults.all(), nil },
		"POST sign-in":        taking(d.signIn),
		"POST auto":           taking(d.setAuto),
		"POST sessions/end":   taking(d.endSessions),
		"POST people/suspend": taking(d.moving(identity.Suspend)),
		"POST people/resume":  taking(d.moving(identity.Resume)),
		"POST positions/end":  taking(d.endPosition),
		"POST clock":          taking(d.setClock),
		"POST faults":         taking(d.switchOn),
		"POST faults/off":     taking(d.switchOff),
		"POST logout-storm":   taking(func(r *http.Request, s storm) (stormed, error) { return d.rage(r.Context(), s) }),
		"POST keys/rotate":    taking(func(r *http.Request, _ struct{}) (any, error) { d.rotate(r.Context()); return d.state(r.Context()) }),
		"POST keys/withdraw":  taking(d.withdraw),
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+ControlPath+path, d.controlled(do))
	}
	mux.HandleFunc(ControlPath, func(w http.ResponseWriter, _ *http.Request) { sayFault(w, errNoControl) })
	return http.NewCrossOriginProtection().Handler(mux)
}

var errNoControl = fault.SayCure(fault.NotFound, "There is no such control.", "The page at / lists them all, with their methods.")

// taking reads a request's JSON strictly before it is done.
func taking[In, Out any](do func(r *http.Request, in In) (Out, error)) func(*http.Request, []byte) (any, error) {
	return func(r *http.Request, body []byte) (any, error) {
		var in In
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
			return nil, fault.SayCure(fault.Invalid, "The request cannot be read: "+strings.TrimPrefix(err.Error(), "json: ")+".", "Send a JSON object with the members that docs/double.md names.")
		}
		return do(r, in)
	}
}

func (d *Double) controlled(do func(*http.Request, []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var got any
		if err == nil {
			got, err = do(r, body)
		}
		if err == nil {
			err = web.JSON(w, http.StatusOK, got)
		}
		if err != nil {
			d.o.Log.Info("control", slog.String("path", r.URL.Path), slog.String("error", err.Error()))
			sayFault(w, err)
		}
	}
}

// refusal is what a script is told when something cannot be done.
type refusal struct {
	Error    string   `json:"error"`
	Field    string   `json:"field,omitempty"`
	Says     string   `json:"says"`
	Cure     string   `json:"cure,omitempty"`
	Suitable []string `json:"suitable,omitempty"` // the person's authenticators that would do
}

func sayFault(w http.ResponseWriter, err error) {
	status, said := http.StatusInternalServerError, refusal{Error: "failed", Says: err.Error()} // the double is its user's own
	var refused *provider.Refusal
	if f, known := fault.From(err); known {
		status, said = f.Code.Status(), refusal{Error: string(f.Code), Field: f.Field, Says: f.Says, Cure: f.Cure}
	}
	if errors.As(err, &refused) {
		status, said = http.StatusForbidden, refusal{Error: string(refused.Reason), Says: "CIS2 does not sign this person in: " + string(refused.Reason) + "."}
		for _, kind := range refused.Suitable {
			said.Suitable = append(said.Suitable, string(kind))
		}
	}
	_ = web.JSON(w, status, said) // it is only texts
}

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
	return stateNow{Issuer: d.o.Issuer, Now: d.clock.Now(), Moved: d.clock.Moved().Round(time.Second).String(), Auto: d.auto, Faults: d.faults.all(), Kid: signing.ID}, nil
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
	list := []personNow{}
	err := d.db.View(ctx, func(r db.R) error {
		list = list[:0]
		for _, p := range d.people.all {
			now, err := p.now(ctx, r)
			if err != nil {
				return err
			}
			list = append(list, now)
		}
		return nil
	})
	return list, err
}

func (p *person) now(ctx context.Context, r db.R) (personNow, error) {
	i, err := identity.ByUUID(ctx, r, p.uuid)
	if err != nil {
		return personNow{}, err
	}
	now := personNow{ID: p.ID, UUID: p.uuid, Name: i.DisplayName(), Email: i.Email, Status: string(i.Status), IdentityLevel: i.AssuranceLevel,
		Authenticators: []authenticatorNow{}, Roles: []roleNow{}}
	for _, e := range p.with {
		now.Authenticators = append(now.Authenticators, authenticatorNow{Kind: string(e.kind), Level: e.level.Claim()})
	}
	positions, err := held(ctx, r, p.uuid)
	for _, a := range positions {
		now.Roles = append(now.Roles, roleNow{ID: a.RoleID, Code: a.Position.RoleCode, Organisation: a.Position.Organisation})
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
			list = append(list, sessionNow{ID: s.ID, SID: s.SID, Person: p.ID, Authenticator: string(s.State.Proven.Kind), Begun: s.Begun, Ends: s.Ends})
		}
	}
	return list, nil
}

func (d *Double) sessionsOf(ctx context.Context, p *person) (list []session.Session, err error) {
	err = d.db.View(ctx, func(r db.R) error {
		list, err = d.provider.Sessions().Of(ctx, r, p.uuid)
		return err
	})
	return list, err
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
	list := []refusalNow{}
	err := d.db.View(ctx, func(r db.R) error {
		list = list[:0]
		for _, c := range d.o.File.Clients {
			all, err := client.Refusals(ctx, r, c.ID)
			if err != nil {
				return err
			}
			for _, f := range all {
				list = append(list, refusalNow{Client: f.ClientID, Place: f.Place, Error: f.Code, Reason: f.Reason, Times: f.Times, Last: f.Last})
			}
		}
		return nil
	})
	return list, err
}

func (d *Double) setAuto(_ *http.Request, a file.Auto) (any, error) {
	if a.Person != "" {
		if _, err := d.people.find(a.Person); err != nil {
			return nil, err
		}
	}
	if a.Authenticator != "" && !a.Authenticator.Valid() {
		return nil, fault.OfField("authenticator", "There is no such kind of authenticator")
	}
	d.autoMu.Lock()
	defer d.autoMu.Unlock()
	d.auto = a
	return a, nil
}

// whichSession names one session, or all of a person.
type whichSession struct {
	Person  string `json:"person"`
	Session string `json:"session"` // its id
}

func (d *Double) endSessions(r *http.Request, which whichSession) (any, error) {
	who, err := d.people.find(which.Person)
	if err != nil {
		return nil, err
	}
	if which.Session != "" {
		err = d.provider.Sessions().EndOwn(r.Context(), by, who.uuid, which.Session)
	} else {
		err = d.provider.Sessions().EndAll(r.Context(), by, who.uuid, "ended by a script")
	}
	if err != nil {
		return nil, err
	}
	return d.sessions(r.Context())
}

// whichPerson names somebody.
type whichPerson struct {
	Person string `json:"person"`
}

func (d *Double) moving(act identity.Act) func(*http.Request, whichPerson) (any, error) {
	return func(r *http.Request, which whichPerson) (any, error) {
		who, err := d.people.find(which.Person)
		if err != nil {
			return nil, err
		}
		if err := identity.Move(r.Context(), d.db, by, who.uuid, act, "so a script asked"); err != nil {
			return nil, err
		}
		return d.personNow(r.Context(), who)
	}
}

func (d *Double) personNow(ctx context.Context, who *person) (now personNow, err error) {
	err = d.db.View(ctx, func(r db.R) error {
		now, err = who.now(ctx, r)
		return err
	})
	return now, err
}

// whichPosition names a position that somebody holds.
type whichPosition struct {
	Person string `json:"person"`
	Role   string `json:"role"`
}

func (d *Double) endPosition(r *http.Request, which whichPosition) (any, error) {
	ctx := r.Context()
	who, err := d.people.find(which.Person)
	if err != nil {
		return nil, err
	}
	err = d.db.Update(ctx, by, func(w *db.W) error {
		all, err := held(ctx, w, who.uuid)
		if err != nil {
			return err
		}
		var one access.Assignment
		if one, err = oneRole(all, which.Role); err != nil {
			return err
		}
		return access.End(ctx, w, who.uuid, one.ID, "so a script asked")
	})
	if err != nil {
		return nil, err
	}
	return d.personNow(ctx, who)
}

// move is where the clock goes: one of the three.
type move struct {
	Advance string    `json:"advance"` // as "90s" or "13h"; back with a minus
	Set     time.Time `json:"set"`     // as "2026-11-26T09:00:00Z"
	Real    bool      `json:"real"`    // the machine's time
}

var errMove = fault.SayCure(fault.Invalid, "Where the clock should go is not clear.", `Send one of {"advance": "13h"}, {"set": "2026-11-26T09:00:00Z"} and {"real": true}.`)

func (d *Double) setClock(r *http.Request, m move) (any, error) {
	by, err := time.ParseDuration(m.Advance)
	advance, set := m.Advance != "", !m.Set.IsZero()
	switch {
	case advance && err == nil && !set && !m.Real:
		d.clock.Advance(by)
	case set && !advance && !m.Real:
		d.clock.Set(m.Set)
	case m.Real && !advance && !set:
		d.clock.Real()
	default:
		return nil, errMove
	}
	return d.state(r.Context())
}

func (d *Double) switchOn(_ *http.Request, f Fault) (any, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	d.faults.on(f)
	return f, nil
}

func (d *Double) switchOff(_ *http.Request, f struct {
	Name string `json:"fault"`
}) (any, error) {
	d.faults.off(f.Name)
	return d.faults.all(), nil
}

// withdraw takes the key that signs out of the set at once, as after a theft: what it signed can be verified
// no more, and a new one signs.
func (d *Double) withdraw(r *http.Request, _ struct{}) (any, error) {
	signing, _ := d.provider.Keys().For(key.Algorithms[0])
	if err := d.provider.Keys().Revoke(r.Context(), by, signing.ID); err != nil {
		return nil, err
	}
	return d.state(r.Context())
}
