//go:build hsm

package hsm_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/seal"
	"signpost/internal/platform/seal/hsm"
)

const pin = "987654"

// softhsm makes a token in a folder of its own. TEST_SOFTHSM names the library; named and not usable is a
// failure, and so is not named, since whoever builds with the tag means to test it.
func softhsm(t *testing.T) hsm.Options {
	t.Helper()
	library := os.Getenv("TEST_SOFTHSM")
	if library == "" {
		t.Fatal("set TEST_SOFTHSM to SoftHSM's library, such as /usr/lib/softhsm/libsofthsm2.so")
	}
	folder := t.TempDir()
	tokens := filepath.Join(folder, "tokens")
	config := filepath.Join(folder, "softhsm2.conf")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("directories.tokendir = "+tokens+"\nobjectstore.backend = file\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", config)
	out, err := exec.CommandContext(t.Context(), "softhsm2-util", "--init-token", "--free", "--label", "signpost",
		"--pin", pin, "--so-pin", "123456").CombinedOutput()
	if err != nil {
		t.Fatalf("make token: %v: %s", err, out)
	}
	return hsm.Options{Module: library, Token: "signpost", PIN: pin, Key: "signpost-master"}
}

func opened(t *testing.T, o hsm.Options) hsm.Opened {
	t.Helper()
	m, err := hsm.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestMasterKeyIsWrappedByTheModule(t *testing.T) {
	o := softhsm(t)
	file := seal.File{Path: filepath.Join(t.TempDir(), "master.key"), Module: opened(t, o)}
	before, err := file.Load(true)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Path)
	if err != nil || !strings.HasPrefix(string(text), "pkcs11:") {
		t.Fatalf("the file holds %q, %v", text, err)
	}
	file.Module = opened(t, o) // as after a restart
	after, err := file.Load(false)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := after.Open(before.Seal([]byte("secret"), "key/1"), "key/1"); err != nil ||
		string(plain) != "secret" {
		t.Errorf("after a restart: %q, %v", plain, err)
	}
	if err := os.WriteFile(file.Path, bytes.Replace(text, []byte("pkcs11:"), []byte("pkcs11:AAAA"), 1),
		0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Load(false); err == nil {
		t.Error("a changed key was unwrapped")
	}
}

func TestModuleOpensOnlyWhatItWrapped(t *testing.T) {
	o := softhsm(t)
	m := opened(t, o)
	wrapped, err := m.Wrap([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := m.Unwrap(wrapped); err != nil || string(plain) != "0123456789abcdef0123456789abcdef" {
		t.Fatalf("%q, %v", plain, err)
	}
	other := o
	other.Key = "another"
	refused := map[string]func() error{
		"cut short":   func() error { _, err := m.Unwrap(wrapped[:5]); return err },
		"a bit over":  func() error { _, err := m.Unwrap(append(bytes.Clone(wrapped), 0)); return err },
		"no such key": func() error { _, err := opened(t, other).Unwrap(wrapped); return err },
		"another's wrapped": func() error {
			theirs, err := opened(t, other).Wrap([]byte("x"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = m.Unwrap(theirs)
			return err
		},
	}
	for name, try := range refused {
		if try() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A module that was configured and cannot be used is an error, never passed over.
func TestModuleThatCannotBeUsed(t *testing.T) {
	o := softhsm(t)
	for name, change := range map[string]func(*hsm.Options){
		"wrong PIN":       func(o *hsm.Options) { o.PIN = "000000" },
		"no such token":   func(o *hsm.Options) { o.Token = "other" },
		"no such library": func(o *hsm.Options) { o.Module = "/nowhere.so" },
	} {
		honest, err := hsm.Open(o)
		if err != nil {
			t.Fatalf("before %s: %v", name, err)
		}
		if err := honest.Close(); err != nil { // a login holds for the whole program
			t.Fatal(err)
		}
		bad := o
		change(&bad)
		if _, err := hsm.Open(bad); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// An authority's key in the module signs what its public part verifies; one that is not there is not made.
func TestTheKeyOfAnAuthoritySigns(t *testing.T) {
	o := softhsm(t)
	o.Key = "cards"
	if _, err := hsm.OpenSigner(o); err == nil || !strings.Contains(err.Error(), `find key pair "cards"`) {
		t.Errorf("before there is one: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), "pkcs11-tool", "--module", o.Module, "--token-label", o.Token,
		"--login", "--pin", o.PIN, "--keypairgen", "--key-type", "rsa:2048", "--label", o.Key,
		"--id", "01").CombinedOutput()
	if err != nil {
		t.Fatalf("make key pair: %v: %s", err, out)
	}
	signer, err := hsm.OpenSigner(o)
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.CreateRevocationList(nil, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour),
	}, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Cards"}, KeyUsage: x509.KeyUsageCRLSign, SubjectKeyId: []byte{1},
	}, signer)
	if err != nil {
		t.Fatal(err)
	}
	read, err := x509.ParseRevocationList(list)
	if err != nil {
		t.Fatal(err)
	}
	by := &x509.Certificate{
		PublicKey: signer.Public(), PublicKeyAlgorithm: x509.RSA, KeyUsage: x509.KeyUsageCRLSign, Version: 3,
		BasicConstraintsValid: true, IsCA: true,
	}
	if err := read.CheckSignatureFrom(by); err != nil {
		t.Error(err)
	}
	if err := signer.Close(); err != nil {
		t.Error(err)
	}
}
