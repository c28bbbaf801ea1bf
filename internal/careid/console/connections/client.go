package connections

import (
	"encoding/base64"
	"net/http"
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

func (c *Connections) client(w http.ResponseWriter, r *http.Request) error {
	return c.showClient(w, r, http.StatusOK, secretForm.New(r))
}

func (c *Connections) showClient(w http.ResponseWriter, r *http.Request, status int, secret *form.Rendered) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (clientView, error) {
		one, may, err := readClient(r.Context(), read, frame.User(r), r.PathValue("client"))
		return viewOf(one, may, read.Now()), err
	})
	if err != nil {
		return err
	}
	v.MakeSecret = secret.About(v.Name)
	v.EndSecret = endSecretForm.New(r)
	v.Suspend = moveForm(r, client.Suspend)
	v.Resume = moveForm(r, client.Resume)
	v.Approval.Ask = askForm.New(r)
	v.Approval.Withdraw = withdrawChangeForm.New(r)
	v.Secret = c.takeSecret(w, r, v.ID)
	v.Page = c.frame.Page(w, r, v.Name)
	v.Page.Breadcrumb = breadcrumb()
	v.Page.Wide = true
	v.Page.Error = secret.HasProblems()
	v.Links = pagesOf(v.ID, "Settings")
	return web.Show(w, r, status, clientPage(v))
}

// moveForm gives the form that moves a client to another status.
func moveForm(r *http.Request, m client.Move) *form.Rendered {
	return statusForm.New(r).Set("move", string(m))
}

func viewOf(one client.Client, may permissions, now time.Time) clientView {
	v := clientView{
		ID:         one.ID,
		Name:       one.Name,
		Path:       clientPath(one.ID),
		Status:     statusTag(one),
		CanEdit:    may.edit && !one.Closed,
		CanSuspend: may.operate && one.Active && !one.Own(),
		OwnSite:    one.Own(),
		CanResume:  may.operate && !one.Active && !one.Closed && !one.Own(),
		CanDelete:  may.edit && !one.Active && !one.Closed,
		HasSecret:  one.UsesSecret() && may.edit && !one.Closed,
	}
	if made := one.SecretMade(); !made.IsZero() {
		v.SecretMade = "The secret was made on " + when.DateTime(made) + "."
	}
	if ends := one.OldSecretEnds(); now.Before(ends) {
		v.OldSecretEnds = "The secret before it still works until " + when.DateTime(ends) + "."
	}
	v.Sections = sectionViews(one.Values())
	v.Approval = approvalOf(one, may)
	return v
}

// sectionViews lists the settings that have a value, in their sections.
func sectionViews(values map[string]string) (views []sectionView) {
	for _, s := range sections {
		view := sectionView{Heading: s.heading}
		for _, setting := range s.settings {
			value := setting.valueText(values[setting.name])
			row := nhsuk.SummaryListRow{Key: setting.short(), Value: value}
			if setting.name == "contact" {
				row.ValueHTML = page.Contact(value)
			}
			if value != "" {
				view.Rows = append(view.Rows, row)
			}
		}
		views = append(views, view)
	}
	return views
}

func (c *Connections) rotateSecret(w http.ResponseWriter, r *http.Request) error {
	typed := secretForm.Read(r)
	overlap, err := time.ParseDuration(typed.Value("overlap"))
	if err != nil {
		typed.Add(form.Problem{Field: "overlap", Text: "Select how long the current secret keeps working"})
		return c.showClient(w, r, http.StatusUnprocessableEntity, typed)
	}
	id := r.PathValue("client")
	secret, err := c.registry.RotateSecret(r.Context(), web.Actor(r), id, overlap)
	if err != nil {
		return err
	}
	c.sendSecret(w, id, secret)
	return web.SeeOther(w, r, clientPath(id), "The client has a new secret.")
}

func (c *Connections) endSecret(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	if err := c.registry.EndOldSecret(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id), "The old secret no longer works.")
}

var moveTexts = map[client.Move]string{
	client.Suspend: "The client is suspended: nobody can log in to it, and it can get no tokens.",
	client.Resume:  "The client is active again.",
	client.Close:   "Client deleted.",
}

func (c *Connections) move(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	m := client.Move(statusForm.Read(r).Value("move"))
	if err := client.Do(r.Context(), c.frame.DB, web.Actor(r), id, m); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id), moveTexts[m])
}

func (c *Connections) askDelete(w http.ResponseWriter, r *http.Request) error {
	one, err := c.editable(r)
	if err != nil {
		return err
	}
	v := deleteView{Page: c.frame.Page(w, r, "Delete "+one.Name), ID: one.ID, Form: moveForm(r, client.Close)}
	v.Page.BackHref = clientPath(one.ID)
	return web.Show(w, r, http.StatusOK, deletePage(v))
}

const secretCookie = "client-secret"

// sendSecret sends a new secret to the browser in a sealed cookie, for the page that follows. It is not kept here.
func (c *Connections) sendSecret(w http.ResponseWriter, id, secret string) {
	if secret == "" {
		return
	}
	sealed := c.registry.Box.Seal([]byte(secret), "client-secret/"+id)
	web.SetCookie(w, secretCookie, base64.RawURLEncoding.EncodeToString(sealed), 60)
}

// takeSecret takes the secret from the browser's cookie and clears it, so that a page shows the secret once.
func (c *Connections) takeSecret(w http.ResponseWriter, r *http.Request, id string) string {
	cookie := web.Cookie(r, secretCookie)
	if cookie == "" {
		return ""
	}
	web.ClearCookie(w, secretCookie)
	sealed, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return "" // not from here
	}
	secret, err := c.registry.Box.Open(sealed, "client-secret/"+id)
	if err != nil {
		return "" // for another client
	}
	return string(secret)
}
