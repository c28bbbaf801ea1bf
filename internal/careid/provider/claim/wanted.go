package claim

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	strict "github.com/go-jose/go-jose/v4/json" // refuses a member that stands twice

	"signpost/internal/national/cis2"
)

// Wanted are claims that a service asks for one by one, with the claims parameter (OpenID Connect Core
// §5.5). Only claims of the scopes that its client is registered for are given.
type Wanted struct {
	UserInfo []string `json:"userinfo,omitempty"`
	IDToken  []string `json:"id_token,omitempty"`
	ACR      []string `json:"acr,omitempty"`     // the classes of which one is essential
	Subject  string   `json:"subject,omitempty"` // the person who alone will do
	RoleID   string   `json:"role_id,omitempty"` // the role taken if the person holds it; else as if none was named
}

// asked is what the parameter may say of one claim; null says no more than that it is wanted.
type asked struct {
	Essential bool              `json:"essential"`
	Value     json.RawMessage   `json:"value"`
	Values    []json.RawMessage `json:"values"`
}

// mostWanted bounds how many claims one request may name.
const mostWanted = 60

// ParseWanted reads the parameter for a client that is registered for these scopes. Claims that we do
// not know, or that the client may not have, are left out, as the specification has it.
func ParseWanted(text string, scopes []string) (w Wanted, err error) {
	var parts struct {
		UserInfo map[string]*asked `json:"userinfo"`
		IDToken  map[string]*asked `json:"id_token"`
	}
	if err := strict.Unmarshal([]byte(text), &parts); err != nil {
		return w, fmt.Errorf("read claims: %w", err)
	}
	if len(parts.UserInfo)+len(parts.IDToken) > mostWanted {
		return w, errors.New("read claims: too many")
	}
	may := cis2.ClaimsOf(scopes)
	w.UserInfo, w.IDToken = among(parts.UserInfo, may), among(parts.IDToken, may)
	for name, to := range map[string]*string{"sub": &w.Subject, cis2.SelectedRoleClaim: &w.RoleID} {
		for _, place := range []map[string]*asked{parts.UserInfo, parts.IDToken} {
			if err := oneValue(place[name], to); err != nil {
				return w, fmt.Errorf("read claims: %s: %w", name, err)
			}
		}
	}
	if acr := parts.IDToken["acr"]; acr != nil && acr.Essential {
		w.ACR, err = acr.texts()
	}
	return w, err
}

// among keeps the names that may be given, in a steady order.
func among(named map[string]*asked, may []string) (list []string) {
	for name := range named {
		if slices.Contains(may, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// oneValue reads the only value that will do. If two places name different ones, none will.
func oneValue(a *asked, to *string) error {
	if a == nil {
		return nil
	}
	texts, err := a.texts()
	if err != nil || len(texts) == 0 {
		return err
	}
	if len(texts) > 1 || *to != "" && *to != texts[0] {
		return errors.New("only one value can be asked for")
	}
	*to = texts[0]
	return nil
}

func (a asked) texts() (list []string, err error) {
	values := a.Values
	if len(a.Value) > 0 {
		values = append(values, a.Value)
	}
	for _, v := range values {
		var text string
		if err := json.Unmarshal(v, &text); err != nil || text == "" || strings.ContainsRune(text, 0) {
			return nil, errors.New("a value must be a text")
		}
		list = append(list, text)
	}
	return list, nil
}
