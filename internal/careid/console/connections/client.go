package connections

import (
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
	v.Suspend = moveForm(r, client.Suspend).About(v.Name)
	v.Resume = moveForm(r, client.Resume).About(v.Name)
	v.Approval.Ask = askForm.New(r)
	v.Approval.Withdraw = withdrawChangeForm.New(r)
	v.Secret = takeSecret(w, r, v.ID)
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
	if err := leaveSecret(w, r, id, secret); err != nil {
		return err
	}
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

// newSecret is shown once on the page of a client.
type newSecret struct {
	Client string `json:"client"`
	Secret string `json:"secret"`
}

const secretNote = "client-secret"

// leaveSecret leaves a new secret for the page of its client, if there is one. It is not kept here.
func leaveSecret(w http.ResponseWriter, r *http.Request, id, secret string) error {
	if secret == "" {
		return nil
	}
	return web.LeaveNote(w, r, secretNote, newSecret{Client: id, Secret: secret})
}

// takeSecret gives the secret that was left for the page of a client, once.
func takeSecret(w http.ResponseWriter, r *http.Request, id string) string {
	var left newSecret
	if !web.TakeNote(w, r, secretNote, &left) || left.Client != id {
		return ""
	}
	return left.Secret
}
