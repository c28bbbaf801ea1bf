package double

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/session"
	"signpost/internal/double/file"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// signIn is asked for by a script: which sign-in, as whom, and how.
type signIn struct {
	URL           string     `json:"url"`  // of the authorisation request, or of the sign-in page that a browser is at
	Flow          string     `json:"flow"` // the id of that page, in place of url
	Person        string     `json:"person"`
	Authenticator authn.Kind `json:"authenticator"`
	Role          string     `json:"role"`
	Browser       string     `json:"browser"` // a browser of the script's own, whose sessions last; empty for a new one
	Cancel        bool       `json:"cancel"`  // the person breaks off
}

// signedIn holds what the relying party's address is to be asked with.
type signedIn struct {
	Location string            `json:"location"`          // where the browser goes
	Fields   map[string]string `json:"fields,omitempty"`  // what it posts there; absent for the query mode
	Person   string            `json:"person,omitempty"`  // who was signed in
	Session  string            `json:"session,omitempty"` // the SSO session; absent if no new one began
}

var (
	errURL = fault.SayCure(fault.Invalid, "The url is neither an authorisation request to this double nor one of "+
		"its sign-in pages.", "Give the whole address to which the relying party sends the browser.")
	errFlow = fault.SayCure(fault.Expired, "There is no such sign-in under way.",
		"Begin it again at the relying party.")
	errPage = fault.SayCure(fault.Conflict, "The double answered with a page instead of a sign-in, since the request "+
		"is not one that could be answered.", "Open the url in a browser to see why; often the client_id or the "+
		"redirect_uri is not registered.")
)

// signIn signs somebody in without a browser.
func (d *Double) signIn(r *http.Request, s signIn) (signedIn, error) {
	id, cookie, done, err := d.findOrBegin(r, s)
	if err != nil || done != nil {
		return signedIn{Location: to(done)}, err
	}
	f, err := d.provider.Load(r.Context(), id, cookie)
	if errors.Is(err, fault.Expired) || err == nil && f.Next() == provider.StepOver {
		return signedIn{}, errFlow
	}
	if err != nil {
		return signedIn{}, err
	}
	if s.Cancel {
		answer, err := d.provider.Leave(r.Context(), f)
		return answerOf(answer), err
	}
	p, out, err := d.prove(r.Context(), f, d.visits.cookies(s.Browser)[session.Cookie], s)
	if err != nil {
		return signedIn{}, err
	}
	if out.Cookie != "" {
		d.visits.keep(s.Browser, map[string]string{session.Cookie: out.Cookie})
	}
	got := answerOf(out.Answer)
	got.Person = p.ID
	got.Session, _, _ = strings.Cut(out.Cookie, ".")
	return got, nil
}

func to(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.String()
}

func answerOf(a provider.Answer) signedIn {
	got := signedIn{Location: a.To}
	for name := range a.Fields {
		if got.Fields == nil {
			got.Fields = map[string]string{}
		}
		got.Fields[name] = a.Fields.Get(name)
	}
	return got
}

// findOrBegin finds the sign-in under way, or begins it. done is where the browser goes if the request was
// answered at once, with a code or with an error.
func (d *Double) findOrBegin(r *http.Request, s signIn) (id, cookie string, done *url.URL, err error) {
	if s.Flow != "" {
		return s.Flow, d.visits.flow(s.Flow), nil, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || !d.hosts[u.Hostname()] {
		return "", "", nil, errURL
	}
	if id, is := flowOf(u.Path); is {
		return id, d.visits.flow(id), nil, nil
	}
	if d.endpoint(&http.Request{URL: u}) != "authorize" {
		return "", "", nil, errURL
	}
	return d.begin(r, u, s.Browser)
}

// flowOf gives the id of the sign-in whose page a path is.
func flowOf(path string) (string, bool) {
	id, is := strings.CutPrefix(path, provider.FlowPath)
	if !is {
		id, is = strings.CutPrefix(path, simulatedPath)
	}
	return id, is && id != "" && !strings.Contains(id, "/")
}

// begin asks the provider as a browser would.
func (d *Double) begin(r *http.Request, u *url.URL, browser string) (id, cookie string, done *url.URL, err error) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, u.String(), nil)
	if err != nil {
		return "", "", nil, errURL
	}
	req.Host = u.Host
	req.RemoteAddr = r.RemoteAddr
	for name, value := range d.visits.cookies(browser) {
		//nolint:gosec // it is a request's, which has no flags
		req.AddCookie(&http.Cookie{Name: cookiePrefix + name, Value: value})
	}
	a := newAnswer()
	d.site.ServeHTTP(a, req)
	d.visits.note(a.header)
	if a.status != http.StatusSeeOther {
		return "", "", nil, errPage
	}
	next, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		return "", "", nil, err
	}
	if id, is := flowOf(next.Path); is && next.Host == "" {
		return id, d.visits.flow(id), nil, nil
	}
	return "", "", next, nil
}

// prove proves a person to the provider and takes their role.
func (d *Double) prove(ctx context.Context, f provider.Flow, oldCookie string,
	s signIn) (p *person, out provider.Outcome, err error) {
	p, err = d.people.find(s.Person)
	if err != nil {
		return nil, out, err
	}
	if f.Next() == provider.StepConfirm {
		f = f.Anew() // a script says who is there
	}
	if f.State.Proven != nil && f.State.Proven.UUID != p.uuid {
		return nil, out, errOther
	}
	if f.State.Proven == nil {
		with, err := p.pick(f, s.Authenticator)
		if err != nil {
			return nil, out, err
		}
		if out, err = d.provider.Prove(ctx, by, f, oldCookie, authenticator.Simulated(with.id)); err != nil {
			return nil, out, err
		}
	}
	if !out.Answer.Empty() {
		return p, out, nil
	}
	if f, err = d.provider.Load(ctx, f.ID, d.visits.flow(f.ID)); err != nil {
		return nil, out, err
	}
	role, err := d.pickRole(ctx, p.uuid, f.State.Roles, s.Role)
	if err != nil {
		return nil, out, err
	}
	last, err := d.provider.ChooseRole(ctx, by, f, role)
	last.Cookie = out.Cookie
	return p, last, err
}

var errOther = fault.SayCure(fault.Conflict, "This browser is signed in as somebody else.",
	"Name another browser, or end the session first.")

var errNothing = fault.SayCure(fault.Conflict, "This person has no authenticator of that kind.",
	"Add one in the file, or name another kind.")

// pick picks the authenticator of a kind, or the first that meets the request; where none does, the first, so
// that the provider refuses it as it would refuse the real one.
func (p *person) pick(f provider.Flow, kind authn.Kind) (equipment, error) {
	fits := slices.DeleteFunc(slices.Clone(p.with), func(e equipment) bool { return kind != "" && e.kind != kind })
	if len(fits) == 0 {
		return equipment{}, errNothing
	}
	for _, e := range fits {
		if f.State.Request.WantedClass().Met(e.kind, e.level) {
			return e, nil
		}
	}
	return fits[0], nil
}

// pickRole finds the role that a script names: by its id, its code, its job role, or one of these with the
// organisation's code after an @.
func (d *Double) pickRole(ctx context.Context, uuid string, offered []claim.Role, wanted string) (string, error) {
	all, err := db.Read(ctx, d.db, func(r db.R) ([]held, error) { return rolesNow(ctx, r, uuid) })
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(h held) bool {
		return !slices.ContainsFunc(offered, func(r claim.Role) bool { return r.ID == h.ID })
	})
	one, err := oneRole(all, wanted)
	return one.ID, err
}

func oneRole(all []held, wanted string) (held, error) {
	name, org, _ := strings.Cut(wanted, "@")
	var fits []held
	var texts []string
	for _, h := range all {
		code := h.RoleCode
		if (h.ID == name || code == name || strings.HasSuffix(code, ":"+name)) && name != "" &&
			(org == "" || h.OrgCode == org) {
			fits = append(fits, h)
		}
		texts = append(texts, code+"@"+h.OrgCode+" ("+h.ID+")")
	}
	if len(fits) == 1 {
		return fits[0], nil
	}
	return held{}, fault.SayCure(fault.Conflict, "It is not clear which role is meant.",
		"Name one in role: "+strings.Join(texts, ", "))
}

// signInAtOnce finishes the sign-in that an authorisation request has just begun, where there is somebody to
// be signed in without a page. The browser keeps the session. What cannot be finished stays for the page.
func (d *Double) signInAtOnce(a *answered, r *http.Request) {
	auto, on := d.takeAuto()
	id, begun := flowOf(a.header.Get("Location"))
	if !on || !begun || a.status != http.StatusSeeOther {
		d.giveBack(auto, on)
		return
	}
	f, err := d.provider.Load(r.Context(), id, d.visits.flow(id))
	if err != nil {
		return
	}
	s := signIn{Person: auto.Person, Authenticator: auto.Authenticator, Role: auto.Role}
	_, out, err := d.prove(r.Context(), f, web.Cookie(r, session.Cookie), s)
	var refused *provider.Refusal
	if errors.As(err, &refused) {
		_ = d.provider.NoteRefusal(r.Context(), f, *refused) // the page says why not
	}
	if err != nil {
		return
	}
	next := newAnswer()
	if out.Cookie != "" {
		web.SetCookie(next, session.Cookie, out.Cookie, 0)
	}
	if err := d.provider.Send(next, r, out.Answer); err == nil {
		*a = *next
	}
}

// takeAuto gives who is signed in at once, and counts one of the times.
func (d *Double) takeAuto() (file.Auto, bool) {
	d.autoMu.Lock()
	defer d.autoMu.Unlock()
	auto := d.auto
	if auto.Times == 1 {
		d.auto = file.Auto{}
	} else if auto.Times > 1 {
		d.auto.Times--
	}
	return auto, auto.Person != ""
}

// giveBack undoes takeAuto where there was nobody to sign in.
func (d *Double) giveBack(auto file.Auto, on bool) {
	if on && auto.Times > 0 {
		d.autoMu.Lock()
		defer d.autoMu.Unlock()
		d.auto = auto
	}
}

// simulatedPath is where the page of simulated authenticators is.
const simulatedPath = "/simulated/"

// toSimulated leads a browser on where the real pages end: a kind that no page can prove is chosen among
// the simulated ones.
func (d *Double) toSimulated(a *answered, r *http.Request) bool {
	id, is := flowOf(r.URL.Path)
	if !is || r.Method != http.MethodGet || !strings.HasPrefix(r.URL.Path, provider.FlowPath) {
		return false
	}
	f, err := d.provider.Load(r.Context(), id, provider.FlowCookies.Get(r, id))
	if err != nil || f.State.Refused != "" || f.State.Proven != nil || f.Next() != provider.StepRefuse {
		return false
	}
	http.Redirect(a, r, simulatedPath+id, http.StatusSeeOther)
	return true
}
