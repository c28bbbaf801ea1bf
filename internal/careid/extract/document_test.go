package extract_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	wire "signpost/internal/national/extract"
)

// described reads the description as a supplier gets it.
func (w *world) described() *openapi3.T {
	w.Helper()
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/extract/v1/openapi.json", nil))
	doc, err := openapi3.NewLoader().LoadFromData(rec.Body.Bytes())
	if err != nil || rec.Code != http.StatusOK {
		w.Fatalf("%d, %v", rec.Code, err)
	}
	return doc
}

// fields lists the names that a message has in JSON, and whether each is always there.
func fields(t reflect.Type) map[string]bool {
	found := map[string]bool{}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		found[name] = options != "omitempty"
	}
	return found
}

// What the description says of each message is what the messages are.
func TestTheDescriptionIsThatOfTheMessages(t *testing.T) {
	w := open(t)
	doc := w.described()
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	schemas := doc.Components.Schemas
	for name, of := range map[string]any{
		"PeopleRequest": wire.Request{}, "Question": wire.Question{}, "Compare": wire.Compare{}, "PeopleResponse": wire.Response{},
		"Answer": wire.Answer{}, "Authenticator": wire.Authenticator{}, "Authority": wire.Authority{},
		"Compared": wire.Compared{}, "ChangesRequest": wire.ChangesRequest{}, "Changes": wire.Changes{},
	} {
		always := fields(reflect.TypeOf(of))
		described := schemas[name].Value
		if got, want := sorted(maps.Keys(described.Properties)), sorted(maps.Keys(always)); !slices.Equal(got, want) {
			t.Errorf("%s describes %v, has %v", name, got, want)
		}
		maps.DeleteFunc(always, func(_ string, is bool) bool { return !is })
		required := slices.Sorted(slices.Values(described.Required))
		if want := sorted(maps.Keys(always)); !slices.Equal(required, want) {
			t.Errorf("%s requires %v, always has %v", name, required, want)
		}
	}
	for place, words := range map[*openapi3.Schema][]string{
		schemas["State"].Value:                             {string(wire.Active), string(wire.NotActive), string(wire.Closed)},
		schemas["YesNo"].Value:                             {string(wire.Yes), string(wire.No)},
		schemas["Answer"].Value.Properties["found"].Value:  {string(wire.None), string(wire.One), string(wire.Several)},
		schemas["Compared"].Value.Properties["by"].Value:   {string(wire.BySubject), string(wire.ByAddress), string(wire.ByFormer), string(wire.ByName)},
		schemas["Compared"].Value.Properties["name"].Value: {string(wire.NameSame), string(wire.NamePart), string(wire.NameOther), string(wire.NameUnknown)},
		schemas["Answer"].Value.Properties["email"].Value:  {string(wire.EmailEqual), string(wire.EmailUnverified), string(wire.EmailDifferent), string(wire.EmailUnknown)},
	} {
		var listed []string
		for _, one := range place.Enum {
			listed = append(listed, one.(string))
		}
		if !slices.Equal(listed, words) {
			t.Errorf("described are %v, there are %v", listed, words)
		}
	}
	for name, most := range map[*uint64]int{
		schemas["PeopleRequest"].Value.Properties["questions"].Value.MaxItems: wire.MaxBatch,
		schemas["Compare"].Value.Properties["former"].Value.MaxItems:          wire.MaxFormer,
		schemas["Answer"].Value.Properties["handles"].Value.MaxItems:          wire.MaxHandles,
		schemas["Changes"].Value.Properties["handles"].Value.MaxItems:         wire.MaxChanged,
	} {
		if name == nil || *name != uint64(most) {
			t.Errorf("the most of something is described as %v, is %d", name, most)
		}
	}
}

func sorted(keys func(yield func(string) bool)) []string { return slices.Sorted(keys) }

// fits reports what in a message is not as described.
func fits(doc *openapi3.T, name string, message []byte) error {
	var v any
	if err := json.Unmarshal(message, &v); err != nil {
		return err
	}
	return doc.Components.Schemas[name].Value.VisitJSON(v, openapi3.MultiErrors(), openapi3.EnableJSONSchema2020())
}

// Every answer that there can be is as described, and what is no message is not.
func TestAnswersAreAsDescribed(t *testing.T) {
	w := open(t)
	doc := w.described()
	for path, item := range doc.Paths.Map() {
		for _, content := range []*openapi3.MediaType{
			item.Post.RequestBody.Value.Content["application/json"], item.Post.Responses.Value("200").Value.Content["application/json"],
		} {
			if err := content.Schema.Value.VisitJSON(content.Example); err != nil {
				t.Errorf("%s: the example: %v", path, err)
			}
		}
	}
	known := w.person("ada@fenmarch.example", nil)
	w.position(known, "S8001:G8002:R8008", "B0166")
	w.bind(known, authn.AuthenticatorApp, authn.AAL2)
	w.person("two@fenmarch.example", nil)
	w.person("two@fenmarch.example", func(n *identity.New) { n.FamilyName = "Other" })
	c := w.honest(
		wire.Question{Ref: "1", Email: "ada@fenmarch.example"}, wire.Question{Ref: "2", Email: "nobody@fenmarch.example"},
		wire.Question{Ref: "3", Email: "two@fenmarch.example"},
		wire.Question{Ref: "4", Email: "ada@fenmarch.example", Subject: known, Role: "500000000025", Organisation: "ZTR",
			Compare: &wire.Compare{Given: "Ada", Family: "Obi"}},
	)
	if err := fits(doc, "PeopleRequest", []byte(c.body)); err != nil {
		t.Errorf("questions: %v", err)
	}
	rec := w.send(c)
	if err := fits(doc, "PeopleResponse", rec.Body.Bytes()); err != nil || rec.Code != http.StatusOK {
		t.Errorf("%d %s: %v", rec.Code, rec.Body, err)
	}
	if err := fits(doc, "Changes", w.sendChanges(asker, "").Body.Bytes()); err != nil {
		t.Errorf("changes: %v", err)
	}
	if err := fits(doc, "Problem", w.sendChanges(asker, "nonsense").Body.Bytes()); err != nil {
		t.Errorf("a problem: %v", err)
	}
	for _, not := range []string{
		`{"version":2,"questions":[{"ref":"1","email":"a@b.example"}]}`, `{"version":1,"questions":[]}`,
		`{"version":1,"questions":[{"ref":"1"}]}`, `{"version":1,"questions":[{"ref":"1","email":"a@b.example","role":"5"}]}`,
	} {
		if fits(doc, "PeopleRequest", []byte(not)) == nil {
			t.Errorf("%s is as described", not)
		}
	}
}
