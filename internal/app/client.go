package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"signpost/internal/config"
	"signpost/internal/dos/extract"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/seal"
)

// The clients that this system is of itself, numbered as CIS2 numbers them.
const (
	dosClientID = "100000000001.apps.national"
	cimClientID = "100000000002.apps.national"
)

// How recently somebody must have proved themselves to come in (conformance Ses 002), and what is asked
// of their authenticator.
const (
	proofAge          = 5 * time.Minute
	minAuthentication = 2
	minIdentity       = 3
)

// scopes name what our own sites ask to know.
var scopes = []string{cis2.OpenID, cis2.Profile, cis2.Email, cis2.NHSPerson, cis2.Roles, cis2.Orgs}

// DirectoryClientID is the client that the directory is at the CIS2 that the configuration names.
func DirectoryClientID(cfg config.Config) string {
	if cfg.Directory.Issuer == "" {
		return dosClientID
	}
	return cfg.Directory.ClientID
}

// DirectoryClient is how the directory signs people in at the CIS2 that the configuration names.
func DirectoryClient(cfg config.Config, key jwt.Key, reach *fetch.Client, c clock.Clock) relying.Config {
	client := clientAt(cfg, cfg.Addresses.DoS, key)
	client.ClientID = DirectoryClientID(cfg)
	client.Fetch = reach
	client.Clock = c
	if d := cfg.Directory; d.Issuer != "" {
		client.Issuer = d.Issuer
		client.DiscoveryURL = d.Discovery
		client.PlainLogoutType = true
	}
	return client
}

// Reach makes outgoing HTTP as a node has it, by which the directory asks CIS2.
func Reach(cfg config.Config) *fetch.Client {
	return fetch.New(fetch.Options{PrivateHosts: cfg.TrustedHosts(), UserAgent: agentOf(DirectoryClientID(cfg))})
}

// ExtractClient asks the care identity side about people, at the address that is configured; it is nil where nobody
// answers.
func ExtractClient(cfg config.Config, key jwt.Key, reach *fetch.Client, c clock.Clock) *extract.Client {
	address := cfg.Extract.URL
	if address == "" && cfg.Directory.Issuer == "" {
		address = cfg.Addresses.CIM
	}
	if address == "" {
		return nil
	}
	return &extract.Client{URL: address, ID: DirectoryClientID(cfg), Key: key, Fetch: reach, Clock: c}
}

// consoleClient is how Care Identity Management signs people in.
func (s *System) consoleClient(key jwt.Key) relying.Config {
	client := clientAt(s.Config, s.Config.Addresses.CIM, key)
	client.ClientID = cimClientID
	client.Fetch = s.fetchAs(cimClientID)
	client.Clock = s.Clock
	return client
}

// clientAt describes a site of ours, at its address, as a client of the CIS2 that this system runs.
func clientAt(cfg config.Config, address string, key jwt.Key) relying.Config {
	return relying.Config{
		Issuer: cfg.Addresses.Issuer(), Auth: relying.Auth{Key: key}, Scopes: scopes,
		RedirectURI: address + portal.CallbackPath, PostLogoutURI: address + portal.SignedOutPath,
		ACR: []string{authn.AAL2OrAAL3Any.Name()}, MaxAge: proofAge,
	}
}

// clientKey says which of the keys is meant by which this system proves itself at a CIS2.
type clientKey struct {
	name      string // of its file
	algorithm jwt.Algorithm
}

// The keys by which sites of ours prove themselves at the CIS2 that this system runs.
var (
	dosKey = clientKey{name: "dos", algorithm: jwt.ES256}
	cimKey = clientKey{name: "cim", algorithm: jwt.ES256}
)

// nationalKey is the key by which the directory proves itself at a CIS2 that others run. It is one of its own, so that
// what was registered there stays right however often the directory is tried with the CIS2 of this system.
const nationalKey = "dos-national"

// clientKeys are the keys that there may be.
var clientKeys = []clientKey{dosKey, cimKey, {name: nationalKey}}

// directoryKey says by which key the directory proves itself at the CIS2 that the configuration names.
func directoryKey(cfg config.Config) clientKey {
	if cfg.Directory.Issuer == "" {
		return dosKey
	}
	return clientKey{name: nationalKey, algorithm: cfg.Directory.SigningAlgorithm()}
}

// clientKeyFile names the file that a key is kept in.
func clientKeyFile(cfg config.Config, which clientKey) string {
	return filepath.Join(cfg.Data, which.name+"-client.key")
}

// DirectoryKey reads the key by which the directory proves itself at CIS2. The error is fs.ErrNotExist where none was
// made yet.
func DirectoryKey(cfg config.Config, box *seal.Box) (jwt.Key, error) {
	return readClientKey(cfg, box, directoryKey(cfg))
}

// MakeDirectoryKey does what DirectoryKey does, and makes the key where none was made yet, and what it is sealed with.
func MakeDirectoryKey(ctx context.Context, cfg config.Config) (jwt.Key, error) {
	if err := keyNotLost(ctx, cfg); err != nil {
		return jwt.Key{}, err
	}
	if err := makeFolder(cfg.Data); err != nil {
		return jwt.Key{}, err
	}
	box, err := OpenBox(cfg, true)
	if err != nil {
		return jwt.Key{}, err
	}
	return makeClientKey(cfg, box, directoryKey(cfg))
}

// UsedBefore names a file that shows that the system was started before; empty if there is none.
func UsedBefore(cfg config.Config) string {
	for _, which := range clientKeys {
		path := clientKeyFile(cfg, which)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// CareIdentityKey names the file with the key of Care Identity Management, which shows that the care identity side was
// started before; empty if it is not there.
func CareIdentityKey(cfg config.Config) string {
	path := clientKeyFile(cfg, cimKey)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// CheckSealed looks whether what is sealed in the data folder opens with the master keys. The error is seal.ErrOtherKey
// where it was sealed with others.
func CheckSealed(cfg config.Config, box *seal.Box) error {
	for _, which := range clientKeys {
		_, err := openClientKey(cfg, box, which)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// readClientKey reads a key, which is kept sealed in the data folder.
func readClientKey(cfg config.Config, box *seal.Box, which clientKey) (jwt.Key, error) {
	der, err := openClientKey(cfg, box, which)
	if err != nil {
		return jwt.Key{}, err
	}
	return jwt.FromPKCS8(which.algorithm, der)
}

func openClientKey(cfg config.Config, box *seal.Box, which clientKey) (der []byte, err error) {
	path := clientKeyFile(cfg, which)
	sealed, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read client key: %w", err)
	}
	if der, err = box.Open(sealed, "client-key/"+which.name); err != nil {
		return nil, fmt.Errorf("open client key %s: %w", path, err)
	}
	return der, nil
}

// makeClientKey reads a key, which is made the first time.
func makeClientKey(cfg config.Config, box *seal.Box, which clientKey) (jwt.Key, error) {
	k, err := readClientKey(cfg, box, which)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if k, err = jwt.Generate(which.algorithm); err != nil {
		return k, err
	}
	der, err := k.PKCS8()
	if err != nil {
		return k, err
	}
	sealed := box.Seal(der, "client-key/"+which.name)
	if err := os.WriteFile(clientKeyFile(cfg, which), sealed, 0o600); err != nil {
		return k, fmt.Errorf("write client key: %w", err)
	}
	return k, nil
}
