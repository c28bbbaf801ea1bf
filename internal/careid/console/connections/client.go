package connections

import (
	"encoding/base64"
	"net/http"
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

func (c *Connections) client(w http.ResponseWriter, r *http.Request) error {
	var v clientView
	err := c.frame.DB.View(r.Context(), func(read db.R) error {
		one, may, err := reached(r.Context(), read, frame.Who(r), r.PathValue("client"))
		if err != nil {
			return err
		}
		v = viewOf(one, may, read.Now())
		v.MakeSecret = secretForm.New(r)
		v.EndSecret = endSecretForm.New(r)
		v.Suspend = moving(r, client.Suspend)
		v.Resume = moving(r, client.Resume)
		return nil
	})
	if err != nil {
		return err
	}
	v.Secret = c.handed(w, r, v.ID)
	v.Page = c.frame.Page(w, r, v.Name)
	v.Page.Breadcrumb, v.Page.Wide, v.Links = way(), true, links(v.ID, "Settings")
	return web.Show(w, r, http.StatusOK, clientPage(v))
}

// moving is the button of a move.
func moving(r *http.Request, m client.Move) *form.Rendered {
	return statusForm.New(r).Set("move", string(m))
}

func viewOf(one client.Client, may reach, now time.Time) clientView {
	v := clientView{
		ID: one.ID, Name: one.Name, Path: clientPath(one.ID), Status: statusTag(one),
		CanEdit: may.edit && !one.Closed, CanSuspend: may.operate && one.Active, CanResume: may.operate && !one.Active && !one.Closed,
		CanDelete: may.edit && !one.Active && !one.Closed, HasSecret: one.UsesSecret() && may.edit && !one.Closed,
	}
	if made := one.SecretMade(); !made.IsZero() {
		v.SecretMade = "The secret was made on " + web.DateTime(made) + "."
	}
	if ends := one.OldSecretEnds(); now.Before(ends) {
		v.OldSecretEnds = "The secret before it still works until " + web.DateTime(ends) + "."
	}
	values := one.Values()
	for _, s := range sections {
		list := sectionView{Heading: s.heading}
		for _, setting := range s.settings {
			if value := setting.shown(values[setting.name]); value != "" {
				list.Rows = append(list.Rows, nhsuk.SummaryListRow{Key: setting.short(), Value: value})
			}
		}
		v.Sections = append(v.Sections, list)
	}
	return v
}

func (c *Connections) rotateSecret(w http.ResponseWriter, r *http.Request) error {
	overlap, err := time.ParseDuration(secretForm.Read(r).Value("overlap"))
	if err != nil {
		return fault.SayCure(fault.Invalid, "It was not said for how long the old secret still works.", "Go back and choose one of the times.")
	}
	id := r.PathValue("client")
	secret, err := client.RotateSecret(r.Context(), c.frame.DB, web.Actor(r), c.box, id, overlap)
	if err != nil {
		return err
	}
	c.hand(w, id, secret)
	return web.SeeOther(w, r, clientPath(id), "The client has a new secret.")
}

func (c *Connections) endSecret(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	if err := client.EndOldSecret(r.Context(), c.frame.DB, web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id), "The old secret does not work any more.")
}

var moved = map[client.Move]string{
	client.Suspend: "The client is suspended: nobody can sign in to it, and it can get no tokens.",
	client.Resume:  "The client works again.",
	client.Close:   "The client is deleted.",
}

func (c *Connections) move(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	m := client.Move(statusForm.Read(r).Value("move"))
	if err := client.Do(r.Context(), c.frame.DB, web.Actor(r), id, m); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id), moved[m])
}

func (c *Connections) askDelete(w http.ResponseWriter, r *http.Request) error {
	one, err := c.editable(r)
	if err != nil {
		return err
	}
	v := deleteView{Page: c.frame.Page(w, r, "Delete "+one.Name), ID: one.ID, Form: moving(r, client.Close)}
	v.Page.BackHref = clientPath(one.ID)
	return web.Show(w, r, http.StatusOK, deletePage(v))
}

const secretCookie = "client-secret"

// hand gives a new secret to the browser that asked, sealed, for the page that follows; nothing of it is
// kept here.
func (c *Connections) hand(w http.ResponseWriter, id, secret string) {
	if secret == "" {
		return
	}
	sealed := c.box.Seal([]byte(secret), "client-secret/"+id)
	web.SetCookie(w, secretCookie, base64.RawURLEncoding.EncodeToString(sealed), 60)
}

// handed takes the secret that the post before this page made, once.
func (c *Connections) handed(w http.ResponseWriter, r *http.Request, id string) string {
	kept := web.Cookie(r, secretCookie)
	if kept == "" {
		return ""
	}
	web.ClearCookie(w, secretCookie)
	sealed, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil {
		return "" // not ours
	}
	secret, err := c.box.Open(sealed, "client-secret/"+id)
	if err != nil {
		return "" // of another client
	}
	return string(secret)
}
