package devicecheck

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// sheetView is what local IT has to set up. What each authenticator needs is said as its declaration has it.
type sheetView struct {
	words.Language
	Page      page.Params
	Addresses []addressView
	Needs     []needView
	Check     string // the address of the check
	Day       string
}

// addressView is an address that browsers go to, and what for.
type addressView struct{ Address, For string }

// needView is one thing to set up, and for which kinds.
type needView struct {
	authn.Setup

	Kinds    string
	Hosts    []string
	Policies []authn.Policy
}

func (p *Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	l := p.Frame.Language(r)
	v := sheetView{
		Language: l, Page: p.Frame.Page(l, l.Say("sheet.title")), Addresses: p.addresses(l), Needs: p.needs(l),
		Check: p.Login + path.CheckDevicePage, Day: l.Date(p.Now()),
	}
	return web.Show(w, r, http.StatusOK, sheetPage(v))
}

func (p *Pages) addresses(l words.Language) []addressView {
	list := []addressView{{p.Login, l.Say("sheet.for_login")}}
	if p.Directory != "" {
		list = append(list, addressView{p.Directory, l.Say("sheet.for_directory")})
	}
	if p.Management != "" {
		list = append(list, addressView{p.Management, l.Say("sheet.for_management")})
	}
	if p.Door != "" {
		list = append(list, addressView{p.Door, l.Say("sheet.for_door")})
	}
	for _, one := range p.Elsewhere {
		list = append(list, addressView{one, l.Say("sheet.for_account")})
	}
	return list
}

// needs lists what the kinds of authenticator need that can be used here, each thing once.
func (p *Pages) needs(l words.Language) (list []needView) {
	var order []authn.Need
	kinds := map[authn.Need][]authn.Kind{}
	for _, k := range p.Kinds {
		for _, need := range append(authn.Common(), k.Declared().Needs...) {
			if !slices.Contains(order, need) {
				order = append(order, need)
			}
			kinds[need] = append(kinds[need], k)
		}
	}
	for _, need := range order {
		v := needView{Setup: need.Setup(), Kinds: l.Labels(kinds[need]), Hosts: need.Hosts()}
		if len(kinds[need]) == len(p.Kinds) {
			v.Kinds = l.Say("sheet.for_all")
		}
		for _, policy := range need.Policies() {
			policy.Value = p.filled(policy.Value)
			v.Policies = append(v.Policies, policy)
		}
		list = append(list, v)
	}
	return list
}

// filled puts the addresses of this system into the value of a policy.
func (p *Pages) filled(value string) string {
	host := p.Login
	if at, err := url.Parse(p.Login); err == nil {
		host = at.Hostname()
	}
	return strings.NewReplacer("{login}", p.Login, "{host}", host, "{door}", p.Door).Replace(value)
}
