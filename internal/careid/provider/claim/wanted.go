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

// Wanted lists the claims that a service asks for by name in the claims parameter (OpenID Connect Core §5.5).
// It contains only claims of the scopes that the client is registered for.
type Wanted struct {
	UserInfo []string `json:"userinfo,omitempty"`
	IDToken  []string `json:"id_token,omitempty"`
	ACR      []string `json:"acr,omitempty"`     // the classes of which one is essential
	Subject  string   `json:"subject,omitempty"` // the only person who is acceptable
	RoleID   string   `json:"role_id,omitempty"` // the role to use if the person holds it; otherwise ignored
}

// request holds what the parameter may say about one claim. It is null if the claim is only named.
type request struct {
	Essential bool              `json:"essential"`
	Value     json.RawMessage   `json:"value"`
	Values    []json.RawMessage `json:"values"`
}

// maxWanted bounds how many claims one request may name.
const maxWanted = 60

// maxValueBytes is the longest number of a person or of a role that may be asked for.
const maxValueBytes = 20

// ErrTooLong says that a longer number was asked for.
var ErrTooLong = errors.New("the value is too long")

// ParseWanted reads the parameter for a client that is registered for these scopes. Unknown claims, and those
// that the client may not have, are left out, as the specification requires.
func ParseWanted(text string, scopes []string) (w Wanted, err error) {
	var parts struct {
		UserInfo map[string]*request `json:"userinfo"`
		IDToken  map[string]*request `json:"id_token"`
	}
	if err := strict.Unmarshal([]byte(text), &parts); err != nil {
		return w, fmt.Errorf("read claims: %w", err)
	}
	if len(parts.UserInfo)+len(parts.IDToken) > maxWanted {
		return w, errors.New("read claims: too many")
	}
	allowed := cis2.ClaimsOf(scopes)
	w.UserInfo = among(parts.UserInfo, allowed)
	w.IDToken = among(parts.IDToken, allowed)
	for name, to := range map[string]*string{"sub": &w.Subject, cis2.SelectedRoleClaim: &w.RoleID} {
		for _, place := range []map[string]*request{parts.UserInfo, parts.IDToken} {
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

// among lists the allowed names in order.
func among(named map[string]*request, allowed []string) (list []string) {
	for name := range named {
		if slices.Contains(allowed, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// oneValue reads the only acceptable value of a claim. Two different values are an error.
func oneValue(a *request, to *string) error {
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
	if len(texts[0]) > maxValueBytes {
		return ErrTooLong
	}
	*to = texts[0]
	return nil
}

func (a request) texts() (list []string, err error) {
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
