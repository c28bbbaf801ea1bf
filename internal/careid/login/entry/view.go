package entry

import (
	"strings"

	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// common is what all pages of a sign-in have.
type common struct {
	Page    page.Params
	Service string // whom the person signs in to
	Here    string // where this sign-in is
	Errors  []frame.FieldError
	Changes bool // a way back to the choice of authenticator makes sense
}

func (p *Pages) common(f provider.Flow, title string, wrong []frame.FieldError) common {
	return common{
		Page: p.Frame.Form(title, wrong), Service: f.State.Request.ClientName, Here: here(f), Errors: wrong,
		Changes: len(p.offered(f))+len(p.Another) > 1,
	}
}

type chooseView struct {
	common
	Radios nhsuk.RadiosParams
}

const chooseTitle = "How do you want to sign in?"

func (p *Pages) chooseView(f provider.Flow, wrong []frame.FieldError) chooseView {
	v := chooseView{common: p.common(f, chooseTitle, wrong)}
	v.Radios = nhsuk.RadiosParams{
		Name: "authenticator", ErrorMessage: frame.Of(wrong, "authenticator"),
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: chooseTitle, Size: "l", IsPageHeading: true}},
	}
	for _, k := range p.offered(f) {
		v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: string(k), Text: k.Label(), Hint: hints[k]})
	}
	for i, a := range p.Another {
		if i == 0 {
			v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Divider: "or"})
		}
		v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: a.Value, Text: a.Label})
	}
	return v
}

type keyView struct {
	common
	Words refusalWords
}

func (p *Pages) keyView(f provider.Flow, wrong []frame.FieldError) keyView {
	words := howTo[f.State.Chosen]
	return keyView{common: p.common(f, words.Title, wrong), Words: words}
}

type passwordView struct {
	common
	Email string
}

func (p *Pages) passwordView(f provider.Flow, email string, wrong []frame.FieldError) passwordView {
	return passwordView{common: p.common(f, "Sign in with your authenticator app", wrong), Email: email}
}

type codeView struct{ common }

func (p *Pages) codeView(f provider.Flow, wrong []frame.FieldError) codeView {
	return codeView{common: p.common(f, "Enter verification code", wrong)}
}

type roleView struct {
	common
	Search bool // there are too many to look through
	Find   string
	None   bool // nothing was found
	Radios nhsuk.RadiosParams
}

const (
	roleTitle = "Which role are you working in?"
	manyRoles = 5 // more than this get a search box (reference §7)
)

func (p *Pages) roleView(f provider.Flow, find string, wrong []frame.FieldError) roleView {
	v := roleView{common: p.common(f, roleTitle, wrong), Search: len(f.State.Roles) > manyRoles, Find: find}
	v.Radios = nhsuk.RadiosParams{
		Name: "role", ErrorMessage: frame.Of(wrong, "role"),
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: roleTitle, Size: "l", IsPageHeading: true}},
	}
	for _, role := range f.State.Roles {
		if matches(role, find) {
			v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: role.ID, Text: role.Name, Hint: role.Organisation + " (" + role.OrgCode + ")"})
		}
	}
	v.None = len(v.Radios.Items) == 0
	return v
}

func matches(role claim.Role, find string) bool {
	all := strings.ToLower(role.Name + " " + role.Organisation + " " + role.OrgCode)
	for word := range strings.FieldsSeq(strings.ToLower(find)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

type refusalView struct {
	common
	Words     refusalWords
	Suitable  string
	Reference string
}

func (p *Pages) refusalView(f provider.Flow, reference string) refusalView {
	why := f.State.Why()
	words := refusals[why]
	v := refusalView{common: p.common(f, words.Title, nil), Words: words, Reference: reference, Suitable: strings.Join(f.State.Suitable, ", ")}
	v.Changes = why != provider.NoAuthenticator && why != provider.Inactive
	return v
}
