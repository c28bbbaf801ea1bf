package double

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
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
	methods := map[string][]string{} // that each path takes
	for pattern, do := range d.controlList() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+ControlPath+path, d.controlled(do))
		methods[path] = append(methods[path], method)
	}
	for path, taken := range methods {
		mux.HandleFunc(ControlPath+path, wrongMethod(taken))
	}
	mux.HandleFunc(ControlPath, func(w http.ResponseWriter, _ *http.Request) { sayFault(w, errNoControl) })
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { sayFault(w, errOrigin) }))
	return origin.Handler(mux)
}

// controlList has what is done for each method and path.
func (d *Double) controlList() map[string]func(r *http.Request, body []byte) (any, error) {
	return map[string]func(r *http.Request, body []byte) (any, error){
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
		"POST logout-storm": taking(func(r *http.Request, s storm) (stormed, error) {
			return d.sendStorm(r.Context(), s)
		}),
		"POST keys/rotate":   taking(d.rotateNow),
		"POST keys/withdraw": taking(d.withdraw),
	}
}

var (
	errNoControl = fault.SayCure(fault.NotFound, "There is no such control.",
		"The page at / lists them all, with their methods.")
	errOrigin = fault.SayCure(fault.Forbidden, "This request came from a page of another website.",
		"Send it from a program.")
)

// wrongMethod answers requests of a control with a method that it does not take.
func wrongMethod(taken []string) http.HandlerFunc {
	if slices.Contains(taken, http.MethodGet) {
		taken = append(taken, http.MethodHead)
	}
	slices.Sort(taken)
	allowed := strings.Join(taken, ", ")
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allowed)
		sayFault(w, fault.Say(fault.Method, "This control takes "+allowed+"."))
	}
}

// taking reads a request's JSON strictly before it is done.
func taking[In, Out any](do func(r *http.Request, in In) (Out, error)) func(*http.Request, []byte) (any, error) {
	return func(r *http.Request, body []byte) (any, error) {
		var in In
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil && !errors.Is(err, io.EOF) {
			return nil, fault.SayCure(fault.Invalid, "The request cannot be read: "+
				strings.TrimPrefix(err.Error(), "json: ")+".",
				"Send a JSON object with the members that docs/double.md names.")
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

// refusal tells a script what cannot be done.
type refusal struct {
	Error    string   `json:"error"`
	Field    string   `json:"field,omitempty"`
	Message  string   `json:"says"`
	Cure     string   `json:"cure,omitempty"`
	Suitable []string `json:"suitable,omitempty"` // the person's authenticators that would do
}

func sayFault(w http.ResponseWriter, err error) {
	// the double is its user's own
	status := http.StatusInternalServerError
	said := refusal{Error: "failed", Message: err.Error()}
	var refused *provider.Refusal
	if f, known := fault.From(err); known {
		status = f.Code.Status()
		said = refusal{Error: string(f.Code), Field: f.Field, Message: f.Message, Cure: f.Cure}
	}
	if errors.As(err, &refused) {
		status = http.StatusForbidden
		said = refusal{
			Error:   string(refused.Reason),
			Message: "CIS2 does not sign this person in: " + string(refused.Reason) + ".",
		}
		for _, kind := range refused.Suitable {
			said.Suitable = append(said.Suitable, string(kind))
		}
	}
	_ = web.JSON(w, status, said) // it is only texts
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
	p, err := d.people.find(which.Person)
	if err != nil {
		return nil, err
	}
	if which.Session != "" {
		err = d.provider.Sessions().EndOwn(r.Context(), by, p.uuid, which.Session)
	} else {
		err = d.provider.Sessions().EndAll(r.Context(), by, p.uuid, "ended by a script", session.ByDesk)
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
		p, err := d.people.find(which.Person)
		if err != nil {
			return nil, err
		}
		if err := identity.Move(r.Context(), d.db, by, p.uuid, act, "so a script asked"); err != nil {
			return nil, err
		}
		return d.personNow(r.Context(), p)
	}
}

func (d *Double) personNow(ctx context.Context, p *person) (personNow, error) {
	return db.Read(ctx, d.db, func(r db.R) (personNow, error) { return p.now(ctx, r) })
}

// whichPosition names a position that somebody holds.
type whichPosition struct {
	Person string `json:"person"`
	Role   string `json:"role"`
}

func (d *Double) endPosition(r *http.Request, which whichPosition) (any, error) {
	ctx := r.Context()
	p, err := d.people.find(which.Person)
	if err != nil {
		return nil, err
	}
	err = d.db.Update(ctx, by, func(w *db.W) error {
		all, err := rolesNow(ctx, w, p.uuid)
		if err != nil {
			return err
		}
		one, err := oneRole(all, which.Role)
		if err != nil {
			return err
		}
		return access.End(ctx, w, p.uuid, one.assignment, "so a script asked")
	})
	if err != nil {
		return nil, err
	}
	return d.personNow(ctx, p)
}

// move is where the clock goes: one of the three.
type move struct {
	Advance string    `json:"advance"` // as "90s" or "13h"; back with a minus
	Set     time.Time `json:"set"`     // as "2026-11-26T09:00:00Z"
	Real    bool      `json:"real"`    // the machine's time
}

var errMove = fault.SayCure(fault.Invalid, "Where the clock should go is not clear.",
	`Send one of {"advance": "13h"}, {"set": "2026-11-26T09:00:00Z"} and {"real": true}.`)

func (d *Double) setClock(r *http.Request, m move) (any, error) {
	by, err := time.ParseDuration(m.Advance)
	advance := m.Advance != ""
	set := !m.Set.IsZero()
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

// rotateNow has the provider sign with new keys at once.
func (d *Double) rotateNow(r *http.Request, _ struct{}) (any, error) {
	d.rotate(r.Context())
	return d.state(r.Context())
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
