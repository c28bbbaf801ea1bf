// Package client keeps the services that may ask CIS2 to sign people in: how each proves itself, where
// its answers go, and what it may ask for. It knows no sign-in.
package client

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
)

// How a client proves itself at the token endpoint.
const (
	PrivateKeyJWT    = "private_key_jwt"
	ClientSecretPost = "client_secret_post"
)

// Client is a registered service.
type Client struct {
	ID                   string // as "123456789012.apps.supplier"
	Name                 string // as people know it
	AuthMethod           string
	Algorithm            jwt.Algorithm // of its assertions
	JWKS                 string        // its public keys, or
	JWKSURI              string        // where they are
	RedirectURIs         []string
	PostLogoutURIs       []string
	BackchannelLogoutURI string // empty if it wants none
	Scopes               []string
	RequirePKCE          bool
	Active               bool

	secret []byte
}

// Ref names a client in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "client", ID: id} }

const upsertClient = `INSERT INTO provider_client (client_id, name, auth_method, alg, secret_digest, jwks, jwks_uri, redirect_uris, post_logout_uris,
	backchannel_logout_uri, scopes, require_pkce, status, registered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
	ON CONFLICT (client_id) DO UPDATE SET name = $2, auth_method = $3, alg = $4, secret_digest = $5, jwks = $6, jwks_uri = $7,
	redirect_uris = $8, post_logout_uris = $9, backchannel_logout_uri = $10, scopes = $11, require_pkce = $12, status = $13`

// Register keeps a client, in place of what was registered under its id; it holds at once. secret is
// for ClientSecretPost only and is kept as a keyed digest.
func Register(ctx context.Context, w *db.W, box *seal.Box, c Client, secret string) error {
	if err := c.check(secret); err != nil {
		return err
	}
	if secret != "" {
		c.secret = box.Digest(secretText(c.ID, secret))
	}
	lists, err := encodeLists(c.RedirectURIs, c.PostLogoutURIs)
	if err != nil {
		return err
	}
	status := "active"
	if !c.Active {
		status = "suspended"
	}
	_, err = w.Exec(ctx, upsertClient, c.ID, c.Name, c.AuthMethod, string(c.Algorithm), c.secret, c.JWKS, c.JWKSURI, lists[0], lists[1],
		c.BackchannelLogoutURI, strings.Join(c.Scopes, " "), c.RequirePKCE, status, w.Now())
	if err != nil {
		return fmt.Errorf("register client: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: "client.registered", Subject: Ref(c.ID), After: c})
}

// HasSecret reports whether a secret is the client's own.
func (c Client) HasSecret(box *seal.Box, secret string) bool {
	return secret != "" && hmac.Equal(c.secret, box.Digest(secretText(c.ID, secret)))
}

func secretText(id, secret string) string { return "client/" + id + "/" + secret }

func encodeLists(lists ...[]string) ([]string, error) {
	var out []string
	for _, list := range lists {
		text, err := json.Marshal(list)
		if err != nil {
			return nil, fmt.Errorf("encode addresses: %w", err)
		}
		out = append(out, string(text))
	}
	return out, nil
}

// check refuses a registration that could not work or would not be safe.
func (c Client) check(secret string) error {
	switch {
	case c.ID == "" || c.Name == "":
		return fault.OfField("client_id", "Enter an id and a name for the client")
	case len(c.RedirectURIs) == 0:
		return fault.OfField("redirect_uris", "Enter at least one redirect URI")
	case !slices.Contains(c.Scopes, "openid"):
		return fault.OfField("scopes", "The scopes must contain openid")
	}
	for _, uri := range slices.Concat(c.RedirectURIs, c.PostLogoutURIs) {
		if err := checkURI(uri); err != nil {
			return fault.OfField("redirect_uris", "Enter redirect URIs as https addresses, or http on this machine: "+err.Error())
		}
	}
	return c.checkAuth(secret)
}

func (c Client) checkAuth(secret string) error {
	switch c.AuthMethod {
	case ClientSecretPost:
		if len(secret) < 16 {
			return fault.OfField("client_secret", "Enter a client secret of 16 characters or more")
		}
		return nil
	case PrivateKeyJWT:
		if (c.JWKS == "") == (c.JWKSURI == "") {
			return fault.OfField("jwks", "Enter either the client's public keys or the address where they are")
		}
		if !slices.Contains(Algorithms, c.Algorithm) {
			return fault.OfField("alg", "Choose RS256, RS512, PS256 or ES256")
		}
		if c.JWKS != "" {
			if _, err := jwt.ParseSet([]byte(c.JWKS)); err != nil {
				return fault.OfField("jwks", "Enter the client's public keys as a JSON Web Key Set")
			}
		}
		return nil
	}
	return fault.OfField("auth_method", "Choose private_key_jwt or client_secret_post")
}

// Algorithms are those that a client may sign its assertions with.
var Algorithms = []jwt.Algorithm{jwt.RS256, jwt.RS512, jwt.PS256, jwt.ES256}

// checkURI takes https addresses, and http ones of this machine only.
func checkURI(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || strings.Contains(uri, "#") || strings.Contains(uri, "*"):
		return fmt.Errorf("%.200q", uri)
	case u.Scheme == "https", u.Scheme == "http" && thisMachine(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%.200q", uri)
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

const selectClients = `SELECT client_id, name, auth_method, alg, secret_digest, jwks, jwks_uri, redirect_uris, post_logout_uris,
	backchannel_logout_uri, scopes, require_pkce, status FROM provider_client`

// ByID reads a client, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Client, error) {
	c, err := db.One(ctx, r, scanClient, selectClients+` WHERE client_id = $1`, id)
	if err != nil {
		return c, fmt.Errorf("read client: %w", err)
	}
	return c, nil
}

// All lists all clients by id.
func All(ctx context.Context, r db.R) ([]Client, error) {
	list, err := db.All(ctx, r, scanClient, selectClients+` ORDER BY client_id`)
	if err != nil {
		return nil, fmt.Errorf("list clients: %w", err)
	}
	return list, nil
}

func scanClient(scan db.Scanner) (c Client, err error) {
	var redirects, posts, scopes, status string
	err = scan(&c.ID, &c.Name, &c.AuthMethod, &c.Algorithm, &c.secret, &c.JWKS, &c.JWKSURI, &redirects, &posts,
		&c.BackchannelLogoutURI, &scopes, &c.RequirePKCE, &status)
	if err != nil {
		return c, err
	}
	c.Scopes, c.Active = strings.Fields(scopes), status == "active"
	if err := json.Unmarshal([]byte(redirects), &c.RedirectURIs); err != nil {
		return c, fmt.Errorf("redirect URIs of %s: %w", c.ID, err)
	}
	if err := json.Unmarshal([]byte(posts), &c.PostLogoutURIs); err != nil {
		return c, fmt.Errorf("addresses after sign-out of %s: %w", c.ID, err)
	}
	return c, nil
}
