package cis2_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	strict "github.com/go-jose/go-jose/v4/json"
	"github.com/google/go-cmp/cmp"

	"signpost/internal/national/cis2"
)

func tags(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}

// Each claim that has a constant or belongs to a scope is a member of the type that carries it.
func TestEveryClaimHasItsMember(t *testing.T) {
	token := tags(reflect.TypeFor[cis2.IDToken]())
	info := tags(reflect.TypeFor[cis2.UserInfo]())
	for _, name := range []string{cis2.AuthenticationLevelClaim, cis2.IdentityLevelClaim,
		cis2.OlderIdentityLevelClaim, cis2.SelectedRoleClaim} {
		if !token[name] {
			t.Errorf("the ID token has no %s", name)
		}
	}
	for _, name := range cis2.ClaimsOf(cis2.Scopes) {
		if !info[name] {
			t.Errorf("userinfo has no %s", name)
		}
		delete(info, name)
	}
	delete(info, "sub")
	if len(info) > 0 {
		t.Errorf("no scope gives %v", info)
	}
	for _, name := range cis2.Claims() {
		if !token[name] && !tags(reflect.TypeFor[cis2.UserInfo]())[name] {
			t.Errorf("discovery lists %s, which nothing carries", name)
		}
	}
}

// Services read the claims that CIS2 writes with the same meaning.
func TestWrittenAndReadAgain(t *testing.T) {
	verified := cis2.Verified(true)
	want := cis2.UserInfo{
		Subject:            "500000000017",
		EmailVerified:      &verified,
		EmailProvedAt:      cis2.SecondsOf(time.Unix(1779278400, 0)),
		OlderIdentityLevel: cis2.LevelOf(3),
		Orgs:               []cis2.Organisation{{Code: "Z99Z9", Name: "EXAMPLE SURGERY"}},
		Roles: []cis2.NationalRole{{PersonRoleID: "1", RoleCode: "S8002:G8003:R8008",
			ActivityCodes: []string{"B0166"}}},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got cis2.UserInfo
	if err := strict.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

// Other providers write some claims in another form than CIS2.
func TestOtherWaysToWriteIt(t *testing.T) {
	type claims struct {
		Level    cis2.Level        `json:"level"`
		Verified cis2.Verified     `json:"verified"`
		At       cis2.Seconds      `json:"at"`
		List     cis2.List[string] `json:"list"`
	}
	for text, want := range map[string]claims{
		`{"level":"3","verified":true,"at":5,"list":["a"]}`: {
			Level:    "3",
			Verified: true,
			At:       5,
			List:     []string{"a"},
		},
		`{"level":2,"verified":"true","at":5.9,"list":"a"}`:    {Level: "2", At: 5, List: []string{"a"}},
		`{"level":"","verified":1,"at":-1,"list":[]}`:          {List: []string{}},
		`{"level":null,"verified":null,"at":null,"list":null}`: {},
		`{"at":1e300}`: {At: 1 << 40},
	} {
		var got claims
		if err := strict.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{`{"level":"4"}`, `{"level":-1}`, `{"level":"high"}`, `{"at":"5"}`, `{"list":5}`,
		`{"list":["a",5]}`} {
		var got claims
		if strict.Unmarshal([]byte(text), &got) == nil {
			t.Errorf("%s is taken as %v", text, got)
		}
	}
}
