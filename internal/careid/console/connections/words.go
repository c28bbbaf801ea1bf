package connections

import (
	"strings"

	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web/nhsuk"
)

// kind is the kind of field that asks for a setting.
type kind int

const (
	line       kind = iota
	textarea        // one value a line
	radios          // one of several options
	checkboxes      // some of several options
	checkbox        // yes or no
)

// setting says how a setting of a client is asked for and shown.
type setting struct {
	name    string // in package client
	label   string
	hint    string
	kind    kind
	options []nhsuk.RadioItem
}

// section holds settings under one heading.
type section struct {
	heading  string
	settings []setting
}

// sections are the registration form, from top to bottom.
var sections = []section{
	{"About the service", []setting{
		{name: "client_name", label: "Name", hint: "People see it when they log in."},
		{name: "description", label: "What it is for (optional)", kind: textarea},
		{name: "owner", label: "Organisation that owns it"},
		{
			name:  "contact",
			label: "Email address for questions",
			hint:  "A team mailbox is best, so that questions reach somebody when you are away.",
		},
	}},
	{"How it authenticates", []setting{
		{name: "token_endpoint_auth_method", label: "Method", kind: radios, options: []nhsuk.RadioItem{
			{
				Value: client.PrivateKeyJWT,
				Text:  methodTexts[client.PrivateKeyJWT],
				Hint:  "private_key_jwt. We hold no secret of yours, and you change keys yourselves.",
			},
			{
				Value: client.ClientSecretPost,
				Text:  methodTexts[client.ClientSecretPost],
				Hint:  "client_secret_post. We show the secret once.",
			},
			{
				Value: client.ClientSecretBasic,
				Text:  methodTexts[client.ClientSecretBasic],
				Hint:  "client_secret_basic. We show the secret once.",
			},
		}},
		{
			name:    "token_endpoint_auth_signing_alg",
			label:   "Algorithm it signs with",
			hint:    "For the method with a key. Each assertion must be signed with this one.",
			kind:    radios,
			options: algorithms(client.Algorithms),
		},
		{
			name:  "jwks_uri",
			label: "Address of its public keys",
			hint: "For the method with a key, such as https://rota.example.nhs.uk/jwks.json. " +
				"It must answer without a password, with status 200.",
		},
		{
			name:  "jwks",
			label: "Or its public keys",
			hint: "A JSON Web Key Set, if they are not published at an address. RSA keys of " + jwt.UsualRSA +
				", or P-256 ones for ES256.",
			kind: textarea,
		},
	}},
	{"Where people go", []setting{
		{
			name:  "redirect_uris",
			label: "Redirect URIs",
			hint:  "One on each line. A request must use one of them exactly: https, or http on this machine.",
			kind:  textarea,
		},
		{
			name:  "post_logout_redirect_uris",
			label: "Addresses after logging out (optional)",
			hint:  "One a line.",
			kind:  textarea,
		},
	}},
	{"What it may ask for", []setting{
		{name: "scope", label: "Scopes", kind: checkboxes, options: scopes()},
		{
			name:  "acr_values",
			label: "Classes of authentication",
			hint: "Leave all empty to allow every class. " +
				"If you tick some, the first applies when a request names none.",
			kind:    checkboxes,
			options: classes(),
		},
		{name: "require_pkce", label: "Refuse requests without PKCE", kind: checkbox},
		{
			name:  "require_pushed_authorization_requests",
			label: "Refuse requests that were not pushed first",
			kind:  checkbox,
		},
	}},
	{"What it is given", []setting{
		{
			name:    "id_token_signed_response_alg",
			label:   "ID tokens are signed with",
			kind:    radios,
			options: algorithms(client.TokenAlgorithms),
		},
		{
			name:    "userinfo_signed_response_alg",
			label:   "Userinfo is",
			kind:    radios,
			options: append([]nhsuk.RadioItem{{Value: "", Text: "Plain JSON"}}, signed()...),
		},
	}},
	{"When somebody logs out", []setting{
		{
			name:  "backchannel_logout_uri",
			label: "Back-channel logout address (optional)",
			hint:  "We post a logout token to it when a session ends. It must answer with status 200 or 204.",
		},
		{
			name:  "backchannel_logout_session_required",
			label: "Its logout tokens must contain the session id (sid)",
			hint:  "They always do.",
			kind:  checkbox,
		},
	}},
}

var methodTexts = map[string]string{
	client.PrivateKeyJWT:     "With a key",
	client.ClientSecretPost:  "With a secret in the form",
	client.ClientSecretBasic: "With a secret in the header",
}

func algorithms(list []jwt.Algorithm) (items []nhsuk.RadioItem) {
	for _, a := range list {
		items = append(items, nhsuk.RadioItem{Value: string(a), Text: string(a)})
	}
	return items
}

func signed() []nhsuk.RadioItem {
	items := algorithms(client.TokenAlgorithms)
	for n := range items {
		items[n].Text = "Signed with " + items[n].Text
	}
	return items
}

func scopes() (items []nhsuk.RadioItem) {
	for _, scope := range cis2.Scopes {
		items = append(items, nhsuk.RadioItem{Value: scope, Text: scope})
	}
	return items
}

func classes() (items []nhsuk.RadioItem) {
	for _, class := range authn.Classes() {
		items = append(items, nhsuk.RadioItem{Value: class, Text: class})
	}
	return items
}

// labels gives the short label of each setting.
func labels() map[string]string {
	all := map[string]string{}
	for _, s := range sections {
		for _, one := range s.settings {
			all[one.name] = one.short()
		}
	}
	return all
}

// short gives the label without the note that only a form needs.
func (s setting) short() string { return strings.TrimSuffix(s.label, " (optional)") }

// valueText gives a value of the setting in words.
func (s setting) valueText(value string) string {
	switch s.kind {
	case radios:
		for _, option := range s.options {
			if option.Value == value {
				return option.Text
			}
		}
	case checkbox:
		return map[string]string{"yes": "Yes", "no": "No"}[value]
	case checkboxes, textarea:
		return strings.ReplaceAll(value, "\n", ", ")
	}
	return value
}
