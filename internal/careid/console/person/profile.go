package person

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/photo"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/correction"
	"signpost/internal/careid/registration/life"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/registration/usable"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// profile shows the details of somebody.
func (p *Person) profile(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v profileView, err error) {
		k, err := knownFor(r, read)
		if err != nil {
			return v, err
		}
		v = profileView{known: k, Name: k.identity.DisplayName(), Own: k.own(r), Show: showForm.New(r),
			Closed: !correction.Open(k.identity)}
		if v.may, err = mayFor(r, read, k.identity.Organisation); err != nil {
			return v, err
		}
		return v, v.read(r.Context(), read)
	})
	if err != nil {
		return err
	}
	if err := p.noteReading(r); err != nil {
		return err
	}
	uuid := v.known.identity.UUID
	var shown shownNI
	if web.TakeNote(w, r, niNote, &shown) && shown.UUID == uuid {
		v.NI = shown.Text
	}
	v.Show.About(v.Name)
	v.Page = p.frame.Page(w, r, v.Name)
	v.Page.BackHref = frame.PeoplePath
	v.Page.Error = v.Show.HasProblems()
	v.Tabs = frame.TabsOf(r, uuid, frame.TabDetails)
	if frame.User(r).Officers.May(permission.ChangeDetails, permission.ByRequest) && !v.may[permission.ChangeDetails] {
		v.AskHref = frame.RequestsPath + "/new?" + url.Values{"uuid": {uuid}, "from": {"profile"}}.Encode()
	}
	v.VerifyHref = frame.PathOf(uuid) + "/verify"
	v.StatusHref = frame.PathOf(uuid) + "/status"
	v.StatusText = statusText(v.known.identity.Status)
	v.CloseHref = frame.PathOf(uuid) + "/close"
	v.PhotoHref = frame.PathOf(uuid) + "/photo"
	return web.Show(w, r, v.Show.Status(), profilePage(v))
}

// mayFor says which of the acts of a profile the user's job lets them do for people of an organisation.
func mayFor(r *http.Request, read db.R, code string) (may map[permission.Act]bool, err error) {
	may = map[permission.Act]bool{}
	for _, act := range []permission.Act{
		permission.ChangeDetails, permission.VerifyProfile, permission.CloseProfile,
	} {
		if may[act], err = frame.MayAt(r, read, act, code); err != nil {
			return nil, err
		}
	}
	return may, nil
}

func (v *profileView) read(ctx context.Context, r db.R) (err error) {
	i := v.known.identity
	at, err := organisation.Text(ctx, r, i.Organisation)
	if err != nil {
		return err
	}
	numbers, err := identity.Registrations(ctx, r, i.UUID)
	if err != nil {
		return err
	}
	documents, err := documentsText(ctx, r, i)
	if err != nil {
		return err
	}
	if _, err := photo.TakenAt(ctx, r, i.UUID); !errors.Is(err, fault.NotFound) {
		if err != nil {
			return err
		}
		v.HasPhoto = true
	}
	facts, err := usable.Of(ctx, r, i)
	if err != nil {
		return err
	}
	if i.Status == identity.Closing {
		c, err := life.ClosingOf(ctx, r, i.UUID)
		if err != nil {
			return err
		}
		v.Closing = "Closing began on " + when.DateTime(c.Begun) + " (" + c.Reason +
			"). Positions, authenticators and links are being ended. Load the page again to see how far it is."
	}
	v.Usable = facts.Text()
	v.Missing = facts.Missing()
	v.EmailWaits = frame.EmailWaits(i, r.Now())
	v.Unverified = !correction.Proved(i)
	v.About = []nhsuk.SummaryListRow{
		{Key: "Care Identity number", Value: i.UUID},
		{Key: "Status", ValueHTML: nhsuk.Tag(frame.StatusTag(i.Status))},
		v.changeable("Name", "name", page.Name(i.FullName())),
		v.changeable("Preferred name", "name", page.Name(cmp.Or(i.PreferredName, "None"))),
		v.changeable("Birth date", "birth-date", said(v.known.details.BirthDate.Text())),
		v.changeable("National Insurance number", "ni-number", said(niText(v.known))),
		v.changeable("Email address", "email", emailText(i)),
		v.changeable("Mobile number", "mobile", said(cmp.Or(v.known.details.Mobile, "None given"))),
		v.changeable("Name on smartcard", "smartcard-name", page.Name(cmp.Or(v.known.details.CardName, "Full name"))),
		v.changeable("Professional registrations", "registration", said(registrationsText(numbers))),
		v.changeable("Photo", "photo", said(photoText(v.HasPhoto))),
		{Key: "Organisation", Value: at},
		{Key: "Identity", Value: documents},
		{Key: "Kind", Value: i.Kind.Text()},
		{Key: "Made", Value: when.Date(i.Created) + ". " + i.Origin.Text() + "."},
	}
	associated, err := staffrecord.OfPerson(ctx, r, i.UUID)
	if err != nil {
		return err
	}
	for _, one := range associated {
		v.About = append(v.About, nhsuk.SummaryListRow{Key: "Staff record", Value: "Employee " + one.Employee + " at " +
			one.Organisation + ". Change details there: what it says otherwise comes here as a request."})
	}
	if !v.may[permission.ChangeDetails] { // whoever changes none of it does not need it to find people
		v.About = slices.DeleteFunc(v.About, func(row nhsuk.SummaryListRow) bool {
			return slices.Contains(forThoseWhoChange, row.Key)
		})
	}
	v.About, err = frame.WithBounce(ctx, r, v.About, i.Email, "The person changes or confirms it in their profile.")
	return err
}

// forThoseWhoChange are the rows that only those see who may change details.
var forThoseWhoChange = []string{
	"Birth date", "National Insurance number", "Mobile number", "Identity", "Staff record",
}

// changeable is a row with a link to the page on which it is changed, where it can be.
func (v *profileView) changeable(key, slug string, value templ.Component) nhsuk.SummaryListRow {
	row := nhsuk.SummaryListRow{Key: key, ValueHTML: value}
	place := slices.IndexFunc(details, func(c change) bool { return strings.HasSuffix(c.form.Path, "/"+slug) })
	if v.Own || v.Closed || !v.may[permission.ChangeDetails] || details[place].proved && v.Unverified {
		return row
	}
	row.Actions = []nhsuk.ActionParams{{
		Text: "Change", VisuallyHiddenText: strings.ToLower(key[:1]) + key[1:],
		Href: frame.PathOf(v.known.identity.UUID) + "/change/" + slug,
	}}
	return row
}

func niText(k known) string {
	if !k.details.HasNI() {
		return "Not held"
	}
	return "Held, ends in " + k.details.NIEnding
}

func photoText(has bool) string {
	if has {
		return "Held, shown above"
	}
	return "None"
}

func emailText(i identity.Identity) templ.Component {
	switch {
	case i.Email == "":
		return said("None given")
	case i.EmailVerified.Done():
		return page.Email(i.Email, when.Date(i.EmailVerified.At))
	}
	return page.Email(i.Email, "")
}

func registrationsText(numbers map[string]string) string {
	var parts []string
	for _, body := range identity.Bodies {
		if n := numbers[body]; n != "" {
			parts = append(parts, bodyTexts[body]+": "+n)
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "None")
}

// documentsText says how sure it is who the person is, and what that rests on.
func documentsText(ctx context.Context, r db.R, i identity.Identity) (string, error) {
	level := "Level " + string(rune('0'+i.AssuranceLevel))
	seen, err := identity.DocumentsOf(ctx, r, i.UUID)
	if errors.Is(err, fault.NotFound) {
		return level + ". No documents were recorded here.", nil
	}
	if err != nil {
		return "", err
	}
	by, err := identity.ByUUID(ctx, r, seen.By)
	if seen.Photo == "" { // whoever saw them did not say which they were
		return level + ". Documents seen " + seen.Route.Text() + ", accepted by " + by.DisplayName() + " on " +
			when.Date(seen.At) + ".", err
	}
	return level + ". " + identity.DocumentName(seen.Photo) + " ending in " + seen.Ending + ", " +
		identity.DocumentName(seen.Address) + ", " + identity.DocumentName(seen.Other) + ", seen by " +
		by.DisplayName() + " on " + when.Date(seen.At) + ", " + seen.Route.Text() + ".", err
}

// photo sends somebody's photo to whoever may see their profile. No browser keeps it.
func (p *Person) photo(w http.ResponseWriter, r *http.Request) error {
	picture, err := db.Read(r.Context(), p.frame.DB, func(read db.R) ([]byte, error) {
		if _, err := frame.Served(r, read, r.PathValue("uuid")); err != nil {
			return nil, err
		}
		return photo.Of(r.Context(), read, p.frame.Box, r.PathValue("uuid"))
	})
	if err != nil {
		return err
	}
	if err := p.noteReading(r); err != nil {
		return err
	}
	return frame.SendPicture(w, picture)
}
