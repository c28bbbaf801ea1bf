package frame

import (
	"net/http"
	"net/url"
	"slices"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// PersonPath is that of somebody's profile.
const PersonPath = PeoplePath + "/person/{uuid}"

// PathOf is the path of somebody's profile.
func PathOf(uuid string) string { return PeoplePath + "/person/" + url.PathEscape(uuid) }

// StatusTag shows the status of a Care Identity.
func StatusTag(s identity.Status) nhsuk.TagParams {
	switch s {
	case identity.Active:
		return nhsuk.TagParams{Text: "Active", Colour: nhsuk.TagGood}
	case identity.Suspended:
		return nhsuk.TagParams{Text: "Suspended", Colour: nhsuk.TagLimited}
	case identity.Closing:
		return nhsuk.TagParams{Text: "Being closed", Colour: nhsuk.TagStopped}
	case identity.Closed:
		return nhsuk.TagParams{Text: "Closed", Colour: nhsuk.TagStopped}
	}
	return nhsuk.TagParams{Text: "Not ready to use", Colour: nhsuk.TagAwaited}
}

// Served reads a person of an organisation that the user's job lets them find people of. Others are not shown.
func Served(r *http.Request, read db.R, uuid string) (identity.Identity, error) {
	i, err := identity.ByUUID(r.Context(), read, uuid)
	if err != nil {
		return i, err
	}
	serves, err := MayAt(r, read, permission.Find, i.Organisation)
	if err == nil && !serves {
		err = errElsewhere
	}
	return i, err
}

var errElsewhere = fault.SayCure(fault.Forbidden,
	"Your registration authority does not serve this person’s organisation.",
	"Ask the registration authority of their organisation.")

// Tab is one of the pages of a person.
type Tab struct {
	Text, Href string
	Current    bool
}

// The tabs of a person.
const (
	TabDetails        = "Details"
	TabPositions      = "Positions"
	TabAuthenticators = "Authenticators"
	TabHistory        = "History"
	TabNotes          = "Notes"
)

// cardActs are what people do with smartcards of others.
var cardActs = []permission.Act{
	permission.IssueCard, permission.UnlockCard, permission.RenewCard, permission.RenewExpiredCard,
}

// Authenticators lets those through whose job lets them do something about authenticators of others.
func (f *Frame) Authenticators() web.Guard {
	return f.May(append([]permission.Act{permission.BindAuthenticator}, cardActs...)...)
}

// forTab are the acts for which a tab is, of which whoever sees it may do one.
var forTab = map[string][]permission.Act{
	TabDetails: {permission.Find}, TabPositions: {permission.Find}, TabHistory: {permission.ChangeDetails},
	TabNotes: {permission.ChangeDetails}, TabAuthenticators: append(cardActs, permission.BindAuthenticator),
}

// TabsOf lists the tabs of a person that the user may open, of which one is open.
func TabsOf(r *http.Request, uuid, current string) (tabs []Tab) {
	may := func(act permission.Act) bool { return User(r).Officers.May(act, permission.Yes) }
	for _, t := range []Tab{
		{Text: TabDetails, Href: PathOf(uuid)},
		{Text: TabPositions, Href: PathOf(uuid) + "/positions"},
		{Text: TabAuthenticators, Href: PathOf(uuid) + "/authenticators"},
		{Text: TabHistory, Href: PathOf(uuid) + "/history"},
		{Text: TabNotes, Href: PathOf(uuid) + "/notes"},
	} {
		t.Current = t.Text == current
		if t.Current || slices.ContainsFunc(forTab[t.Text], may) {
			tabs = append(tabs, t)
		}
	}
	return tabs
}

// DocumentFields ask which identity documents somebody saw.
func DocumentFields() []form.Field {
	return []form.Field{
		form.Select(nhsuk.SelectParams{
			Name: "photo", Label: nhsuk.LabelParams{Text: "Document with a photo", Size: "s"},
			Items: choices(identity.PhotoDocuments),
		}).Required("Select the document with a photo that you saw"),
		form.Input(nhsuk.InputParams{
			Name: "ending", Label: nhsuk.LabelParams{Text: "Last 4 letters or digits of its number", Size: "s"},
			Hint: "Only these are kept", Classes: "nhsuk-input--width-4", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the last 4 letters or digits of its number"),
		form.Select(nhsuk.SelectParams{
			Name: "address", Label: nhsuk.LabelParams{Text: "Document with their address", Size: "s"},
			Items: choices(identity.AddressDocuments),
		}).Required("Select the document with their address that you saw"),
		form.Select(nhsuk.SelectParams{
			Name: "other", Label: nhsuk.LabelParams{Text: "Third document, of either sort", Size: "s"},
			Items: choices(slices.Concat(identity.PhotoDocuments, identity.AddressDocuments)),
		}).Required("Select the third document that you saw"),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "declaration", Items: []nhsuk.CheckboxItem{{
			Value: "yes", Text: "I saw the originals of these documents, and they belong to this person",
		}}}).Required("Tick the box if you saw the originals"),
	}
}

// DocumentsOf gives the documents that were chosen in a form with DocumentFields.
func DocumentsOf(f *form.Rendered) identity.Documents {
	return identity.Documents{
		Photo: f.Value("photo"), Ending: f.Value("ending"), Address: f.Value("address"), Other: f.Value("other"),
	}
}

func choices(list []identity.Document) []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Select a document"}}
	for _, d := range list {
		items = append(items, nhsuk.SelectItem{Value: d.Code, Text: d.Name})
	}
	return items
}

// SendPicture sends a picture that no browser keeps.
func SendPicture(w http.ResponseWriter, drawn []byte) error {
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "no-store")
	_, err := w.Write(drawn)
	return err
}

// AlikeHeading is over AlikeRows.
var AlikeHeading = nhsuk.Cells("Name", "Care Identity number", "Organisation", "Email address", "Status")

// AlikeRows show people of whatever organisation who may be one whose Care Identity is about to be made. The addresses
// of those whom another registration authority looks after are not needed to tell whether they are the same.
func AlikeRows(r *http.Request, read db.R, list []identity.Identity) (rows [][]nhsuk.TableCell, err error) {
	var codes []string
	for _, i := range list {
		codes = append(codes, i.Organisation)
	}
	organisations, err := organisation.Texts(r.Context(), read, codes)
	if err != nil {
		return nil, err
	}
	for _, i := range list {
		served, err := MayAt(r, read, permission.Find, i.Organisation)
		if err != nil {
			return nil, err
		}
		address := nhsuk.TableCell{Text: "Not shown: another registration authority’s"}
		if served {
			address = nhsuk.TableCell{HTML: page.Contact(i.Email)}
		}
		rows = append(rows, []nhsuk.TableCell{
			{HTML: page.Name(i.DisplayName())}, {Text: i.UUID}, {Text: organisations[i.Organisation]}, address,
			{HTML: nhsuk.Tag(StatusTag(i.Status))},
		})
	}
	return rows, nil
}
