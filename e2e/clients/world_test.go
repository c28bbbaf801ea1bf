// Package clients_test signs people in with clients that others wrote, at their defaults, at the built program's
// double. It is a module of its own, so that the program itself does not depend on them.
package clients_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	secret  = "not a secret, only a double's: ü+%"
	byPost  = "100000000021.apps.supplier"
	byBasic = "100000000022.apps.supplier"
	byKey   = "100000000023.apps.supplier"
	keyID   = "clients"
	ada     = "500000000017"
)

var scopes = []string{"openid", "profile", "email", "nationalrbacaccess"}

// double is the program's double, with its issuer, and the service that is its clients, with their key and the routes
// that a test gives it.
type double struct {
	address string
	issuer  string
	service string
	routes  *http.ServeMux
	key     *rsa.PrivateKey
}

// start runs a double with a service that has one client for each client authentication.
func start(t *testing.T) *double {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	d := &double{routes: http.NewServeMux(), key: key}
	service := httptest.NewServer(d.routes)
	t.Cleanup(service.Close)
	d.service = service.URL
	file := filepath.Join(t.TempDir(), "double.toml")
	example, err := os.ReadFile("../../internal/double/file/example.toml")
	check(t, err)
	check(t, os.WriteFile(file, append(example, d.clients()...), 0o600))
	d.run(t, file)
	return d
}

// run starts the built program and reads its issuer from what it prints.
func (d *double) run(t *testing.T, file string) {
	t.Helper()
	program := os.Getenv("SIGNPOST")
	if program == "" {
		program = "../../bin/signpost"
	}
	port := freePort(t)
	command := exec.Command(program, "double", "--file", file, "--listen", fmt.Sprintf("127.0.0.1:%d", port),
		"--record", filepath.Join(filepath.Dir(file), "run.jsonl"))
	out, err := command.StdoutPipe()
	check(t, err)
	check(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	d.address = fmt.Sprintf("http://localhost:%d", port)
	for lines := bufio.NewScanner(out); d.issuer == "" && lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 2 && fields[0] == "issuer" {
			d.issuer = fields[1]
		}
	}
	waitFor(t, d.issuer+"/.well-known/openid-configuration")
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func waitFor(t *testing.T, address string) {
	t.Helper()
	for range 200 {
		if res, err := http.Get(address); err == nil {
			_ = res.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing answers at %s", address)
}

// clients registers one client for each client authentication.
func (d *double) clients() string {
	public := fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":%q,"alg":"RS256","use":"sig","n":%q,"e":%q}]}`, keyID,
		base64.RawURLEncoding.EncodeToString(d.key.N.Bytes()),
		base64.RawURLEncoding.EncodeToString(big.NewInt(int64(d.key.E)).Bytes()))
	var text strings.Builder
	for id, authentication := range map[string]string{
		byPost:  fmt.Sprintf("token_endpoint_auth_method = %q\nclient_secret = %q", "client_secret_post", secret),
		byBasic: fmt.Sprintf("token_endpoint_auth_method = %q\nclient_secret = %q", "client_secret_basic", secret),
		byKey: fmt.Sprintf("token_endpoint_auth_method = %q\ntoken_endpoint_auth_signing_alg = \"RS256\"\njwks = '%s'",
			"private_key_jwt", public),
	} {
		fmt.Fprintf(&text, "\n[[clients]]\nclient_id = %q\nclient_name = \"Rota\"\n%s\nredirect_uris = [%q]\n"+
			"post_logout_redirect_uris = [%q]\nbackchannel_logout_uri = %q\nscope = [\"%s\"]\n",
			id, authentication, d.service+"/callback", d.service+"/signed-out", d.service+"/backchannel-logout",
			strings.Join(scopes, `", "`))
	}
	return text.String()
}

// control posts to the control API, and reads its answer into a value if one is given.
func (d *double) control(t *testing.T, path string, body map[string]string, answer any) {
	t.Helper()
	text, err := json.Marshal(body)
	check(t, err)
	res, err := http.Post(d.address+"/double/"+path, "application/json", bytes.NewReader(text))
	check(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
	if answer != nil {
		check(t, json.NewDecoder(res.Body).Decode(answer))
	}
}

// signIn lets Ada sign in for an authorisation request, and returns the address that the browser comes back to.
func (d *double) signIn(t *testing.T, address string) *url.URL {
	t.Helper()
	var signedIn struct{ Location string }
	d.control(t, "sign-in", map[string]string{"url": address, "person": "ada"}, &signedIn)
	to, err := url.Parse(signedIn.Location)
	check(t, err)
	if to.Query().Get("code") == "" {
		t.Fatalf("came back with %q", signedIn.Location)
	}
	return to
}

// jar keeps the cookies of one browser, whose only site with cookies to keep secure is the double's.
type jar map[string]string

func (j jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	for _, c := range cookies {
		j[c.Name] = c.Value
	}
}

func (j jar) Cookies(*url.URL) []*http.Cookie {
	var cookies []*http.Cookie
	for name, value := range j {
		cookies = append(cookies, &http.Cookie{Name: name, Value: value})
	}
	return cookies
}

var onward = regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]*)"`)

// logsOut has a browser open the end of the session as a client asks for it, and sees that it goes back to the service:
// by a redirect, or by a page that goes on by itself.
func (d *double) logsOut(t *testing.T, endpoint, idToken string) {
	t.Helper()
	back := d.service + "/signed-out"
	asked := url.Values{"id_token_hint": {idToken}, "post_logout_redirect_uri": {back}, "state": {"s-2"}}
	browser := &http.Client{Jar: jar{}}
	ended, page := visit(t, browser, endpoint+"?"+asked.Encode())
	if leads := onward.FindStringSubmatch(page); leads != nil {
		ended, _ = visit(t, browser, html.UnescapeString(leads[1]))
	}
	if ended != back+"?state=s-2" {
		t.Errorf("the log out ended at %s", ended)
	}
}

// visit opens an address, and returns the address at which the browser ended and the page there.
func visit(t *testing.T, browser *http.Client, address string) (ended, page string) {
	t.Helper()
	res, err := browser.Get(address)
	check(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	check(t, err)
	return res.Request.URL.String(), string(text)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
