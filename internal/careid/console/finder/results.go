package finder

import (
	"cmp"
	"context"
	"fmt"
	"net/url"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// results are the organisations found, by the registration authority that serves them.
type results struct {
	Authorities []authorityView
	Unserved    []foundView // those that none serves
	More        bool        // there are others that are not shown
}

// authorityView is a registration authority with those of the organisations found that it serves.
type authorityView struct {
	Name, Code string
	Rows       []nhsuk.SummaryListRow // how it is reached, and when
	Found      []foundView
	Ask        string // where it is asked for something
	Others     string // that it serves others too; empty if it does not, or where that was not counted
}

type foundView struct {
	Name, Code, Postcode string
	Closed               bool
}

// maxCounted is of how many of the authorities found it is said how many others they serve: that costs statements.
const maxCounted = 3

// search finds what was typed. The page without a search asks the database nothing.
func (v *finderView) search(ctx context.Context, d *db.DB) (err error) {
	if v.Typed == "" {
		return nil
	}
	v.results, err = db.Costly(ctx, d, func(read db.R) (results, error) { return find(ctx, read, v.Typed) })
	return err
}

func find(ctx context.Context, read db.R, typed string) (v results, err error) {
	found, more, err := organisation.Find(ctx, read, typed)
	if err != nil || len(found) == 0 {
		return v, err
	}
	v.More = more
	var codes []string
	for _, o := range found {
		codes = append(codes, o.Code)
	}
	authorities, err := hosting.RegistrationAuthorities(ctx, read, codes)
	if err != nil {
		return v, err
	}
	at := map[string]int{}
	for _, o := range found {
		one := foundView{Name: o.Name, Code: o.Code, Postcode: o.Postcode, Closed: o.Closed()}
		authority, known := authorities[o.Code]
		if !known {
			v.Unserved = append(v.Unserved, one)
			continue
		}
		if _, there := at[authority.Code]; !there {
			at[authority.Code] = len(v.Authorities)
			v.Authorities = append(v.Authorities, authorityView{Name: authority.Name, Code: authority.Code})
		}
		v.Authorities[at[authority.Code]].Found = append(v.Authorities[at[authority.Code]].Found, one)
	}
	contacts := map[string]string{}
	for _, authority := range authorities {
		contacts[authority.Code] = authority.Contact
	}
	return v, v.complete(ctx, read, contacts)
}

// complete says of each authority how it is reached, and of the first how many other organisations it serves.
func (v *results) complete(ctx context.Context, read db.R, contacts map[string]string) error {
	var codes []string
	for _, a := range v.Authorities {
		codes = append(codes, a.Code)
	}
	reaches, err := hosting.Reaches(ctx, read, codes)
	if err != nil {
		return err
	}
	for n := range v.Authorities {
		a := &v.Authorities[n]
		a.Ask = path.AskRAPage + "?ods=" + url.QueryEscape(a.askedFor())
		a.Rows = rows(reaches[a.Code], contacts[a.Code])
		if n >= maxCounted || v.More {
			continue
		}
		served, err := hosting.Served(ctx, read, a.Code)
		if err != nil {
			return err
		}
		a.Others = othersText(len(served) - len(a.Found))
	}
	return nil
}

// askedFor is the organisation for which the authority is asked: the one that was found, where it is the only one.
func (a authorityView) askedFor() string {
	if len(a.Found) == 1 {
		return a.Found[0].Code
	}
	return a.Code
}

func othersText(n int) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return "and 1 other"
	}
	return fmt.Sprintf("and %d others", n)
}

// rows word how an authority is reached, and when.
func rows(r hosting.Reach, contact string) (list []nhsuk.SummaryListRow) {
	if !r.Known() {
		contact = cmp.Or(contact, "Not said yet. Ask your line manager or your IT help desk.")
		return []nhsuk.SummaryListRow{{Key: "Contact", ValueHTML: page.Contact(contact)}}
	}
	add := func(key, value string) {
		if value != "" {
			list = append(list, nhsuk.SummaryListRow{Key: key, ValueHTML: page.Contact(value)})
		}
	}
	add("Email", r.Email)
	add("Telephone", r.Phone)
	add("Web page", r.Web)
	add("Where it is", r.Place)
	if r.OpenAtAll() {
		for _, o := range r.Week() {
			add(o.Days, o.Hours)
		}
	}
	add("Bank holidays", r.Holidays)
	return list
}
