package connections

import (
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/when"
)

func (c *Connections) refusals(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (refusalsView, error) {
		one, _, err := readClient(r.Context(), read, frame.User(r), r.PathValue("client"))
		if err != nil {
			return refusalsView{}, err
		}
		v := refusalsView{Name: one.Name, ID: one.ID}
		list, err := client.Refusals(r.Context(), read, one.ID)
		for _, f := range list {
			v.List = append(v.List, refusalOf(f))
		}
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = c.frame.Page(w, r, "Errors of "+v.Name)
	v.Page.Breadcrumb = breadcrumb()
	v.Page.Wide = true
	v.Links = pagesOf(v.ID, "Errors")
	return web.Show(w, r, http.StatusOK, refusalsPage(v))
}

var placeTexts = map[string]string{
	client.AtAuthorize: "Request to log in",
	client.AtPush:      "Pushed request",
	client.AtToken:     "Token request",
	client.AtOther:     "Other request",
}

func refusalOf(f client.Refusal) refusalView {
	v := refusalView{
		Place: placeTexts[f.Place], Code: f.Code, Reason: f.Reason, Last: when.DateTime(f.Last), Cure: cureOf(f.Reason),
	}
	if f.Code == "" {
		v.Code = "a page for the person"
	}
	if f.Times > 1 {
		v.Times = fmt.Sprintf("%d times since %s", f.Times, when.DateTime(f.First))
	}
	return v
}

// cures say what to do about a refusal whose reason contains a text.
var cures = []struct{ contains, cure string }{
	{"token's aud", "Use the token endpoint exactly as the discovery document writes it, with the port if there is " +
		"one. Some libraries drop :443."},
	{"token's iss", "The iss and the sub of the assertion are both the client id."},
	{"token's sub", "The iss and the sub of the assertion are both the client id."},
	{"assertion's sub", "The iss and the sub of the assertion, and the client_id, are all the client id. " +
		"It is not an API key."},
	{"token's exp", "Let the assertion expire less than 30 minutes from now, in seconds since 1970, and check the " +
		"clock of your server."},
	{"Content-Type", "Send the request as a form, application/x-www-form-urlencoded, not as JSON."},
	{"form-encoded", "Form-encode the client id and the secret before you join them with a colon and encode both in " +
		"base64 (RFC 6749 §2.3.1), or send them in the form by client_secret_post."},
	{"token's iat", "Check the clock of your server."},
	{"token's nbf", "Check the clock of your server."},
	{"token's jti", "Make a new jti for each assertion."},
	{"token's typ", "Leave typ out of the assertion's header, or write JWT."},
	{"no such key", "Publish the key under this kid before you sign with it. " +
		"After a change of keys we read your key set again within a minute."},
	{"unexpected signature algorithm", "Sign with the algorithm that is registered, or change the registration."},
	{"signature by kid", "The key published under this kid is not the one that signed. " +
		"Publish the public half of the signing key."},
	{"read key set:", "Make your key set answer with a JSON Web Key Set and nothing else, " +
		`{"keys": [...]}, and with no private key in it.`},
	{"key set:", "Make your key set answer with status 200, without a password, to anybody on the internet."},
	{"is not right", "Compare the secret letter for letter, or make a new one on the settings page."},
	{"token_endpoint_auth_method", "Use the method that is registered, or change the registration."},
	{"redirect_uri", "Use one of the registered addresses letter for letter, or register this one."},
	{"the code has expired", "Exchange the code within 60 seconds."},
	{"used before", "Exchange each code once. If a code is used twice, the tokens it gave are revoked."},
	{"code_verifier", "Keep the code_verifier from the start of the login until the token request, and send that " +
		"one."},
	{"code_challenge", "Send code_challenge with code_challenge_method S256."},
	{"another client", "Exchange the code with the client that asked for it."},
	{"scope", "Ask for registered scopes only, or register more."},
	{"class of authentication", "Ask for a class that is registered and offered."},
	{"suspended", "Ask the person who suspended it. The history page names them."},
}

func cureOf(reason string) string {
	for _, c := range cures {
		if strings.Contains(reason, c.contains) {
			return c.cure
		}
	}
	return ""
}
