package command

import (
	"context"
	"encoding/json"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/portal"
)

// keysClient shows the directory's own key.
type keysClient struct {
	cli.System
	cli.Output
}

// shownClientKey is the key, with what is registered at CIS2 beside it, as --json prints it.
type shownClientKey struct {
	ClientID  string        `json:"client_id"`
	Algorithm jwt.Algorithm `json:"token_endpoint_auth_signing_alg"`
	URI       string        `json:"jwks_uri"`
	Keys      jwt.Set       `json:"jwks"`
	Callback  string        `json:"redirect_uri"`
	SignedOut string        `json:"post_logout_redirect_uri"`
	Logout    string        `json:"backchannel_logout_uri"`
}

// Run shows what CIS2 is to know of the directory. The key is made where there is none yet.
func (c *keysClient) Run(ctx context.Context, p *cli.Printer) error {
	cfg, err := c.Named()
	if err != nil {
		return err
	}
	if err := cfg.ForServing("dos"); err != nil {
		return cli.Incomplete(err)
	}
	key, err := app.MakeDirectoryKey(ctx, cfg)
	if err != nil {
		return cli.Cured(err)
	}
	at := cfg.Addresses.DoS
	shown := shownClientKey{
		ClientID: app.DirectoryClientID(cfg), Algorithm: key.Algorithm, Keys: jwt.NewSet(key),
		URI: at + portal.KeysPath, Callback: at + portal.CallbackPath, SignedOut: at + portal.SignedOutPath,
		Logout: at + portal.LogoutPath,
	}
	set, err := json.MarshalIndent(shown.Keys, "", "  ")
	if err != nil {
		return err
	}
	return p.Result(shown, func() {
		p.Say("Register at CIS2 for %s:", shown.ClientID)
		p.Say("  method                    private_key_jwt, %s", shown.Algorithm)
		p.Say("  jwks_uri                  %s", shown.URI)
		p.Say("  redirect_uri              %s", shown.Callback)
		p.Say("  post_logout_redirect_uri  %s", shown.SignedOut)
		p.Say("  backchannel_logout_uri    %s", shown.Logout)
		p.Say("The address of the key set must be reached by CIS2. It has, once the directory is served:\n%s", set)
	})
}
