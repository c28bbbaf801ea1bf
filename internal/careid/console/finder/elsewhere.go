package finder

import (
	"errors"
	"net/http"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/ods"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// What other sites show in a frame, and what programs read. Both take the ODS code of one organisation as ods.
const (
	embedPath   = path.FindRAPage + "/embed"
	programPath = path.FindRAPage + ".json"
)

// Answer is what programs read about one organisation.
type Answer struct {
	Organisation Named      `json:"organisation"`
	Authority    *Authority `json:"registration_authority"` // null where none is known
}

// Named is an organisation.
type Named struct {
	Code   string `json:"ods_code"`
	Name   string `json:"name"`
	Closed bool   `json:"closed"`
}

// Authority is a registration authority, with how it is reached.
type Authority struct {
	Code     string `json:"ods_code"`
	Name     string `json:"name"`
	Contact  string `json:"contact"` // in one line
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Web      string `json:"web,omitempty"`
	Place    string `json:"place,omitempty"`
	Hours    []Day  `json:"hours,omitempty"`
	Holidays string `json:"bank_holidays,omitempty"`
}

// Day is when an authority is open on one day of the week.
type Day struct {
	Day   string `json:"day"`
	Hours string `json:"hours"` // as 09:00-12:30,13:30-17:00; empty where it is closed
}

var errUnknown = fault.SayCure(fault.NotFound, "No organisation with this ODS code is known here.",
	"Give the ODS code of one as ods, such as ?ods=RXK.")

// answer finds the authority of the organisation that a request names.
func (p *Finder) answer(r *http.Request) (a Answer, reach hosting.Reach, err error) {
	code, wrong := ods.Parse(r.URL.Query().Get("ods"))
	if wrong != nil {
		return a, reach, errUnknown
	}
	type found struct {
		answer Answer
		reach  hosting.Reach
	}
	one, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (f found, err error) {
		list, err := organisation.ByCodes(r.Context(), read, []string{string(code)})
		if err != nil {
			return f, err
		}
		authorities, err := hosting.RegistrationAuthorities(r.Context(), read, []string{string(code)})
		if err != nil {
			return f, err
		}
		f.answer.Organisation = Named{Code: list[0].Code, Name: list[0].Name, Closed: list[0].Closed()}
		authority, known := authorities[string(code)]
		if !known {
			return f, nil
		}
		reaches, err := hosting.Reaches(r.Context(), read, []string{authority.Code})
		f.reach = reaches[authority.Code]
		f.answer.Authority = authorityOf(authority, f.reach)
		return f, err
	})
	if err == nil && one.answer.Authority == nil && one.answer.Organisation.Name == string(code) {
		err = errUnknown
	}
	return one.answer, one.reach, err
}

func authorityOf(o organisation.Organisation, r hosting.Reach) *Authority {
	a := &Authority{Code: o.Code, Name: o.Name, Contact: o.Contact, Email: r.Email, Phone: r.Phone, Web: r.Web,
		Place: r.Place, Holidays: r.Holidays}
	if r.OpenAtAll() {
		for day, name := range hosting.Days {
			a.Hours = append(a.Hours, Day{Day: name, Hours: r.Hours[day]})
		}
	}
	return a
}

// program answers programs.
func (p *Finder) program(w http.ResponseWriter, r *http.Request) error {
	answer, _, err := p.answer(r)
	if err != nil {
		return err
	}
	web.ForOtherSites(w)
	return web.JSON(w, http.StatusOK, answer)
}

// embed shows the authority of one organisation, for a frame of another site.
func (p *Finder) embed(w http.ResponseWriter, r *http.Request) error {
	answer, reach, err := p.answer(r)
	if errors.Is(err, fault.NotFound) { // a page of errors would not be shown in a frame
		web.Framed(w)
		return web.Show(w, r, http.StatusOK, embedPage(embedView{Unknown: true, More: path.FindRAPage}))
	}
	if err != nil {
		return err
	}
	v := embedView{Organisation: answer.Organisation}
	if answer.Authority != nil {
		v.Authority = answer.Authority.Name
		v.Rows = rows(reach, answer.Authority.Contact)
	}
	v.More = path.FindRAPage + "?ods=" + answer.Organisation.Code
	web.Framed(w)
	return web.Show(w, r, http.StatusOK, embedPage(v))
}
