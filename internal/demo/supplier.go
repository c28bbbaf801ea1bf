package demo

import (
	"context"
	"fmt"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/national/cis2"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
)

// SupplierSecret is the secret of the sample client that has one.
const SupplierSecret = "fenmarch sample secret 2026"

const (
	supplierEmail = "nadia.iqbal@rota.example"
	operatorEmail = "sam.doyle@fenmarch.example"
	supplierTeam  = "fenmarch-rota-software"
)

// suppliers are people who connect software.
func suppliers() []person {
	return []person{
		{
			group: "Staff", first: "Nadia", last: "Iqbal", careEmail: supplierEmail, noAccount: true, verified: true,
			identity: activeIdentity, jobRole: rbac.AdminClinicalSupport, means: app, organisation: trustCode,
			shows: "software supplier",
			story: "Nadia's team connects two products to CIS2 Authentication. Sam of the service desk can see them " +
				"too.",
			try: []string{
				"Log in to Care Identity Management, open Connections, and register a client.",
				"Open the errors of Fenmarch Rota: each says what was expected and what was received.",
				"As Sam, open the same client: an operator may suspend it and send its logout notices again, and " +
					"no more.",
			},
		},
	}
}

// sampleClients are the supplier's: one with a key at an address, one with a secret.
func sampleClients() []client.Client {
	owner := client.Client{
		Owner: "Fenmarch Rota Software Ltd", Contact: "connections@rota.example", IDTokenAlgorithm: jwt.RS256,
		Active: true,
	}
	rota := owner
	handover := owner
	rota.ID = "230000000001.apps.supplier"
	rota.Name = "Fenmarch Rota"
	rota.Description = "Plans who works when"
	rota.AuthMethod = client.PrivateKeyJWT
	rota.Algorithm = jwt.RS512
	rota.JWKSURI = "http://localhost:3000/jwks.json"
	rota.RedirectURIs = []string{"http://localhost:3000/callback"}
	rota.PostLogoutURIs = []string{"http://localhost:3000/signed-out"}
	rota.BackchannelLogoutURI = "http://localhost:3000/backchannel-logout"
	rota.RequirePKCE = true
	rota.Scopes = []string{cis2.OpenID, cis2.Profile, cis2.Roles}
	handover.ID = "230000000002.apps.supplier"
	handover.Name = "Fenmarch Handover"
	handover.Description = "Notes from one shift to the next"
	handover.AuthMethod = client.ClientSecretPost
	handover.RedirectURIs = []string{"http://localhost:3001/callback"}
	handover.Scopes = []string{"openid", "profile", "email"}
	return []client.Client{rota, handover}
}

// makeSuppliers makes the supplier's team with its clients, and an operator.
func (s Systems) makeSuppliers(ctx context.Context, cast []Cast) error {
	uuids := map[string]string{}
	for _, c := range cast {
		uuids[c.Email] = c.UUID
	}
	err := s.Care.Update(ctx, maker, func(w *db.W) error {
		if err := team.Add(ctx, w, team.Team{ID: supplierTeam, Name: "Fenmarch Rota Software"}); err != nil {
			return err
		}
		if err := team.Join(ctx, w, supplierTeam, uuids[supplierEmail]); err != nil {
			return err
		}
		if err := team.Join(ctx, w, team.Operators, uuids[operatorEmail]); err != nil {
			return err
		}
		return s.addClients(ctx, w)
	})
	if err != nil {
		return fmt.Errorf("make sample supplier: %w", err)
	}
	return s.noteRefusals(ctx)
}

func (s Systems) addClients(ctx context.Context, w *db.W) error {
	for _, c := range sampleClients() {
		secret := ""
		if c.UsesSecret() {
			secret = SupplierSecret
		}
		if err := client.Register(ctx, w, s.Box, c, secret); err != nil {
			return err
		}
		if err := client.Give(ctx, w, c.ID, supplierTeam); err != nil {
			return err
		}
	}
	return nil
}

// noteRefusals gives the page of errors something to show: what suppliers really meet (reference, CIS2
// Authentication §12).
func (s Systems) noteRefusals(ctx context.Context) error {
	rota := sampleClients()[0]
	for _, r := range []client.Refusal{
		{
			Place: client.AtToken, Code: "invalid_client",
			Reason: "verify token: key set: fetch " + rota.JWKSURI + `: status 503: "restarting"`,
		},
		{
			Place: client.AtToken, Code: "invalid_client",
			Reason: fmt.Sprintf("token's aud: expected [%q %q] as one string, received %q",
				s.Issuer+cis2.TokenPath, s.Issuer, s.Issuer+"/token"),
		},
		{
			Place: client.AtAuthorize,
			Reason: fmt.Sprintf("redirect_uri: expected exactly one of %q, received %q",
				rota.RedirectURIs, []string{"http://localhost:3000/callback/"}),
		},
	} {
		r.ClientID = rota.ID
		if err := client.NoteRefusal(ctx, s.Care, r); err != nil {
			return err
		}
	}
	return nil
}
