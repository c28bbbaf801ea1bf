package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the floor's database on PostgreSQL
	_ "modernc.org/sqlite"             // and on SQLite

	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// floor answers the requests of a sign-in with the least that can be done: it verifies the assertion of
// the security key and that of the client, signs the ID token, and commits twice. It keeps no state of a
// sign-in, checks no parameter and renders no page.
type floor struct {
	db        *sql.DB
	issuer    string
	key       jwt.Key
	clientKey jwt.Set
	algorithm jwt.Algorithm
	people    map[string]*ecdsa.PublicKey // by credential id
	page      []byte
}

// floorFile tells the floor its world.
type floorFile struct {
	Issuer    string
	Database  string
	Engine    string
	Algorithm jwt.Algorithm
	ClientSet json.RawMessage
	People    map[string][]byte // credential id → public key, uncompressed
}

func runFloor(args []string) error {
	flags := flag.NewFlagSet("floor", flag.ExitOnError)
	listen := flags.String("listen", "", "address")
	file := flags.String("file", "", "what to be")
	if err := flags.Parse(args); err != nil {
		return err
	}
	f, err := readFloor(*file)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", *listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: f.routes(), ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(l)
}

func readFloor(path string) (*floor, error) {
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	var file floorFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	f := &floor{
		issuer: file.Issuer, algorithm: file.Algorithm, people: map[string]*ecdsa.PublicKey{},
		page: []byte("<!DOCTYPE html><title>Floor</title>" + strings.Repeat("<p>text</p>", 500)),
	}
	if f.clientKey, err = jwt.ParseSet(file.ClientSet); err != nil {
		return nil, err
	}
	if f.key, err = jwt.Generate(file.Algorithm); err != nil {
		return nil, err
	}
	for id, key := range file.People {
		if f.people[id], err = ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key); err != nil {
			return nil, err
		}
	}
	return f, f.open(file)
}

// open makes the one table, with the durability that the program has.
func (f *floor) open(file floorFile) (err error) {
	driver := "sqlite"
	source := "file:" + file.Database + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
	if file.Engine == "PostgreSQL" {
		driver = "pgx"
		source = file.Database
	}
	if f.db, err = sql.Open(driver, source); err != nil {
		return err
	}
	if file.Engine == "SQLite" {
		f.db.SetMaxOpenConns(1)
	} else {
		f.db.SetMaxOpenConns(20)
		f.db.SetMaxIdleConns(20)
	}
	_, err = f.db.ExecContext(context.Background(),
		`CREATE TABLE code (digest TEXT PRIMARY KEY, uuid TEXT NOT NULL, nonce TEXT NOT NULL, spent BOOLEAN NOT NULL)`)
	return err
}

func (f *floor) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET "+cis2.Realm+cis2.KeysPath, func(w http.ResponseWriter, _ *http.Request) {
		f.json(w, jwt.NewSet(f.key))
	})
	m.HandleFunc("GET "+cis2.Realm+cis2.AuthorizePath, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{
			Name: "flow", Value: r.URL.Query().Get("nonce"), Path: "/", Secure: true, HttpOnly: true,
			SameSite: http.SameSiteLaxMode,
		})
		http.Redirect(w, r, "/sign-in/"+random.ID(), http.StatusSeeOther)
	})
	m.HandleFunc("GET /sign-in/{flow}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(f.page) })
	m.HandleFunc("POST /sign-in/{flow}/authenticator", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/sign-in/"+r.PathValue("flow"), http.StatusSeeOther)
	})
	m.HandleFunc("POST /sign-in/{flow}/options", func(w http.ResponseWriter, _ *http.Request) {
		f.json(w, map[string]any{
			"publicKey": map[string]any{
				"challenge": random.Secret(), "rpId": "cis2.localhost", "timeout": 300000,
				"userVerification": "required",
			},
		})
	})
	m.HandleFunc("POST /sign-in/{flow}/key", f.answer(f.prove))
	m.HandleFunc("POST "+cis2.Realm+cis2.TokenPath, f.answer(f.token))
	m.HandleFunc("GET "+cis2.Realm+cis2.UserInfoPath, func(w http.ResponseWriter, r *http.Request) {
		uuid, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), ".")
		f.json(w, map[string]string{"sub": uuid, "name": "Person Number"})
	})
	return m
}

func (f *floor) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (f *floor) answer(h func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

// prove verifies the security key's signature and commits a code.
func (f *floor) prove(w http.ResponseWriter, r *http.Request) error {
	var a struct {
		RawID    string
		Response struct{ ClientDataJSON, AuthenticatorData, Signature, UserHandle string }
	}
	if err := json.Unmarshal([]byte(r.PostFormValue("answer")), &a); err != nil {
		return err
	}
	key := f.people[a.RawID]
	if key == nil {
		return fmt.Errorf("nobody's credential %s", a.RawID)
	}
	data, errData := base64.RawURLEncoding.DecodeString(a.Response.AuthenticatorData)
	client, errClient := base64.RawURLEncoding.DecodeString(a.Response.ClientDataJSON)
	signature, errSignature := base64.RawURLEncoding.DecodeString(a.Response.Signature)
	if err := errors.Join(errData, errClient, errSignature); err != nil {
		return err
	}
	inner := sha256.Sum256(client)
	sum := sha256.Sum256(append(data, inner[:]...))
	if !ecdsa.VerifyASN1(key, sum[:], signature) {
		return errors.New("the signature is not right")
	}
	nonce, err := r.Cookie("flow")
	if err != nil {
		return err
	}
	code := random.Secret()
	_, err = f.db.ExecContext(r.Context(), `INSERT INTO code (digest, uuid, nonce, spent) VALUES ($1, $2, $3, $4)`,
		code, a.RawID, nonce.Value, false)
	if err != nil {
		return err
	}
	back := html.EscapeString(callback + "?" + url.Values{"code": {code}}.Encode())
	_, err = fmt.Fprintf(w, `<meta http-equiv="refresh" content="0;url=%s">`, back)
	return err
}

// token verifies the client's assertion, commits that the code is spent, and signs the ID token.
func (f *floor) token(w http.ResponseWriter, r *http.Request) error {
	_, err := jwt.Verify(r.Context(), r.PostFormValue("client_assertion"), f.clientKey, jwt.Expect{
		Algorithms: []jwt.Algorithm{f.algorithm}, Types: []string{"JWT"},
	})
	if err != nil {
		return err
	}
	var uuid, nonce string
	const spend = `UPDATE code SET spent = $2 WHERE digest = $1 AND NOT spent RETURNING uuid, nonce`
	err = f.db.QueryRowContext(r.Context(), spend, r.PostFormValue("code"), true).Scan(&uuid, &nonce)
	if err != nil {
		return err
	}
	now := time.Now().Unix()
	id, err := jwt.Sign(f.key, "JWT", map[string]any{
		"iss": f.issuer, "aud": clientID, "sub": uuid, "nonce": nonce, "iat": now, "exp": now + 3600, "auth_time": now,
	})
	if err != nil {
		return err
	}
	f.json(w, map[string]any{
		"access_token": uuid + "." + random.Secret(), "id_token": id, "token_type": "Bearer", "expires_in": 3599,
	})
	return nil
}
